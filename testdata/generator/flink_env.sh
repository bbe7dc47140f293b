# Sourced by generate.sh and truth.sh: fetches a Flink release, compiles against it, runs Java with it.

# Release jars and class files are large and stay outside the project.
FLINK_CACHE="${STATESCOPE_FLINK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/statescope-flink}"
GENERATOR_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

# Flink 1.13 to 1.17 reach into JDK internals; later releases tolerate the same flags.
JAVA_FLAGS=(
  --add-exports=java.base/sun.net.util=ALL-UNNAMED
  --add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED
  --add-exports=jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED
  --add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED
)
for package in java.lang java.lang.invoke java.lang.reflect java.math java.net java.io java.nio \
  sun.nio.ch java.text java.time java.util java.util.concurrent java.util.concurrent.atomic \
  java.util.concurrent.locks; do
  JAVA_FLAGS+=("--add-opens=java.base/$package=ALL-UNNAMED")
done

# Puts the jars of release $1 into the cache, unless they are there.
fetch_release() {
  local release=$1 jars="$FLINK_CACHE/$1/lib" package=apache-flink-libraries
  [ -e "$jars/.complete" ] && return 0
  # Before 1.13 the jars were part of the main Python package.
  case $release in 1.[0-9].* | 1.1[0-2].*) package=apache-flink ;; esac
  local archive_dir="$FLINK_CACHE/dl/$release"
  mkdir -p "$archive_dir" "$jars"
  if [ -z "$(ls -A "$archive_dir")" ]; then
    # Old releases offer wheels for old Python versions only, or nothing but a source archive.
    python3 -m pip download --quiet --no-deps --dest "$archive_dir" "$package==$release" ||
      python3 -m pip download --quiet --no-deps --dest "$archive_dir" --only-binary=:all: \
        --python-version 3.7 "$package==$release" || return 1
  fi
  python3 "$GENERATOR_DIR/unpack_jars.py" "$archive_dir" "$jars" && rm -r "$archive_dir" && touch "$jars/.complete"
}

# The jars a job needs; table planners and formats are left out, they only slow the start.
# The file sink is in flink-connector-files, before 1.15 in the table jar.
# With ALL_JARS set: all of them. Kryo writes other class ids when Scala is there, so readers need what writers had.
release_class_path() {
  local jars="$FLINK_CACHE/$1/lib" jar path=""
  if [ -n "${ALL_JARS:-}" ]; then
    for jar in "$jars"/*.jar; do path="$path:$jar"; done
    printf '%s' "${path#:}"
    return
  fi
  for jar in "$jars"/flink-dist* "$jars"/flink-connector-files* "$jars"/flink-table_* \
    "$jars"/flink-shaded-* "$jars"/log4j* "$jars"/slf4j*; do
    [ -e "$jar" ] && path="$path:$jar"
  done
  printf '%s' "${path#:}"
}

# Compiles the given sources against release $1 into its class directory; prints that directory.
compile() {
  local release=$1 name=$2 classes
  shift 2
  classes="$FLINK_CACHE/$release/classes-$name"
  rm -rf "$classes"
  mkdir -p "$classes"
  # Java 11: class files of a newer Java are too new for the byte-code readers inside old releases.
  javac --release 11 -proc:none -nowarn -Xlint:none -encoding UTF-8 -cp "$(release_class_path "$release")" \
    -d "$classes" "$@" 2> "$classes/javac.log" || { cat "$classes/javac.log" >&2; return 1; }
  cp "$GENERATOR_DIR/log4j2.properties" "$classes/"
  printf '%s' "$classes"
}

# Runs a main class of a class directory: run_java RELEASE CLASSES MAIN ARGS...
run_java() {
  local release=$1 classes=$2
  shift 2
  java -Xmx3g -XX:+UseSerialGC -Dfile.encoding=UTF-8 -Duser.timezone=UTC "${JAVA_FLAGS[@]}" \
    -cp "$classes:$(release_class_path "$release")" "$@"
}
