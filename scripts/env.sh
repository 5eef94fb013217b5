# Sourced by every script: the project's folder, the tools on PATH, and how to speak.
KINDRED_ROOT=${KINDRED_ROOT:-$(pwd)}
export KINDRED_ROOT
case ":$PATH:" in
  *":$KINDRED_ROOT/.tools/bin:"*) ;;
  *) PATH="$KINDRED_ROOT/.tools/bin:$KINDRED_ROOT/.tools/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH" ;;
esac
export PATH
# Queries are checked against .sqlx, so that building needs no database.
export SQLX_OFFLINE="${SQLX_OFFLINE:-true}"
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { printf '\n==> %s\n' "$*"; }
die() { printf '\nStopped: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
