// Makes the container `flink` in the emulator at the address in the first argument, with the
// account and key that the emulator's documentation gives.
const crypto = require("crypto");
const http = require("http");

const account = "devstoreaccount1";
const key =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const path = `/${account}/flink`;
const headers = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2021-08-06" };
const canonical = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
const text = "PUT" + "\n".repeat(12) + canonical + `/${account}${path}\nrestype:container`;
const signature = crypto.createHmac("sha256", Buffer.from(key, "base64")).update(text);
headers.Authorization = `SharedKey ${account}:${signature.digest("base64")}`;
headers["Content-Length"] = 0;
http.request(`${process.argv[2]}${path}?restype=container`, { method: "PUT", headers }, (answer) => {
    if (answer.statusCode !== 201 && answer.statusCode !== 409) {
        console.error(`cannot make the container: HTTP ${answer.statusCode}`);
        process.exitCode = 1;
    }
    answer.resume();
}).end();
