#!/bin/sh
# Installs what the lab, the host tests and the comparisons with Ansible need, where something is missing.
# For Debian and Ubuntu, as root.
set -eu

needed='
  ansible
  ansible-core
  apt-utils
  busybox-static
  debian-archive-keyring
  iproute2
  mmdebstrap
  openssh-client
  python3-jinja2
  shellcheck
  ssh-audit
  systemd-container
  time
  util-linux
'

missing=
for package in $needed; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "lab: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of package names
if ! { apt-get -q update && apt-get -q -y --no-install-recommends install $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  echo 'lab: apt-get failed, see above' >&2
  exit 1
fi
