//! The HTTP client itself. Made here and not by the object store crate, whose client follows
//! redirects to any host and takes along what it was not told to leave.

use std::time::Duration;

use object_store::{ClientConfigKey, ClientOptions};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, NoProxy, Proxy, Url};
use rustls::crypto::CryptoProvider;

/// Redirects within one host, such as to the same path with a slash, that are followed.
const REDIRECTS_MAX: usize = 5;

/// What the options of the object store crate do not hand out again.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub(super) certificates: Vec<Certificate>,
    /// How long a connection may be silent.
    pub(super) read_timeout: Duration,
    pub(super) connect_timeout: Duration,
}

/// Makes a client that asks no other host than it is told to.
pub(super) fn client(options: &ClientOptions, own: &Own) -> object_store::Result<Client> {
    build(options, own).map_err(|source| object_store::Error::Generic {
        store: "HTTP client",
        source: Box::new(source),
    })
}

fn build(options: &ClientOptions, own: &Own) -> Result<Client, reqwest::Error> {
    choose_cryptography();
    let text = |key| options.get_config_value(&key);
    let is = |key| text(key).as_deref() == Some("true");
    let certificates = own.certificates.iter().cloned();
    let mut builder = Client::builder()
        .redirect(Policy::custom(within_one_origin))
        .read_timeout(own.read_timeout)
        .connect_timeout(connect_timeout(options).unwrap_or(own.connect_timeout))
        .user_agent(
            text(ClientConfigKey::UserAgent)
                .unwrap_or_else(|| concat!("statescope/", env!("CARGO_PKG_VERSION")).to_owned()),
        )
        .https_only(!is(ClientConfigKey::AllowHttp));
    builder = match is(ClientConfigKey::NoSystemCertificates) {
        true => builder.tls_certs_only(certificates),
        false => builder.tls_certs_merge(certificates),
    };
    if let Some(url) = text(ClientConfigKey::ProxyUrl) {
        let mut proxy = Proxy::all(url)?;
        if let Some(certificate) = text(ClientConfigKey::ProxyCaCertificate) {
            let certificate = Certificate::from_pem(certificate.as_bytes())?;
            builder = builder.tls_certs_merge(std::iter::once(certificate));
        }
        if let Some(excluded) = text(ClientConfigKey::ProxyExcludes) {
            proxy = proxy.no_proxy(NoProxy::from_string(&excluded));
        }
        builder = builder.proxy(proxy);
    }
    if is(ClientConfigKey::AllowInvalidCertificates) {
        builder = builder.danger_accept_invalid_certs(true);
    }
    if is(ClientConfigKey::Http1Only) {
        builder = builder.http1_only();
    }
    if is(ClientConfigKey::Http2Only) {
        builder = builder.http2_prior_knowledge();
    }
    builder.build()
}

/// What TLS computes with, unless the program has chosen something else.
pub(crate) fn choose_cryptography() {
    if CryptoProvider::get_default().is_none() {
        // Two threads may come here at once; either choice is the same.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

/// Services that give credentials are waited for shorter: the crate sets whole seconds for them.
fn connect_timeout(options: &ClientOptions) -> Option<Duration> {
    let text = options.get_config_value(&ClientConfigKey::ConnectTimeout)?;
    let seconds = text.strip_suffix('s')?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A redirect to another host would take a token or a signature there. It is not followed, and its
/// answer is then a failure that says so.
fn within_one_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let is_same = attempt
        .previous()
        .first()
        .is_some_and(|first| is_same_origin(first, attempt.url()));
    match is_same && attempt.previous().len() <= REDIRECTS_MAX {
        true => attempt.follow(),
        false => attempt.stop(),
    }
}

fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str().is_some()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_host_port_or_scheme_is_another_origin() {
        let same =
            |one: &str, other: &str| is_same_origin(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://h/x", "https://h:443/y?z"));
        for (one, other) in [
            ("https://h/x", "http://h/x"),
            ("https://h/x", "https://i/x"),
            ("http://h/x", "http://h:8080/x"),
            ("http://127.0.0.1:1/x", "http://localhost:1/x"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
