#!/bin/bash
# Makes small packages into DIR for what real ones are too big or too well-behaved to test.
set -euo pipefail
umask 022

pool=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# package NAME VERSION [FIELD...]: what lies in $tree/root and $tree/control is packed, then cleared.
package() {
  local name=$1 version=$2
  shift 2
  mkdir -p "$tree/root/DEBIAN" "$tree/root/usr/share/$name" "$tree/control"
  echo "$name $version" >"$tree/root/usr/share/$name/version"
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Lab <lab@localhost>\n' "$name" "$version"
    [ $# = 0 ] || printf '%s\n' "$@"
    printf 'Description: made for tests\n'
  } >"$tree/root/DEBIAN/control"
  find "$tree/control" -type f -exec cp -p {} "$tree/root/DEBIAN/" \;
  dpkg-deb --root-owner-group -Zgzip -b "$tree/root" "$pool/${name}_${version}_all.deb" >/dev/null
  rm -rf "$tree/root" "$tree/control"
}

script() { # NAME < text: a maintainer script
  mkdir -p "$tree/control"
  { echo '#!/bin/sh'; cat; } >"$tree/control/$1"
  chmod 0755 "$tree/control/$1"
}

# Two versions without dependencies.
package lab-hello 1.0
package lab-hello 2.0

# A dependency and a recommendation.
package lab-library 1.0
package lab-extra 1.0
package lab-program 1.0 'Depends: lab-library (>= 1.0)' 'Recommends: lab-extra'

# Two that cannot be installed together.
package lab-red 1.0 'Conflicts: lab-blue'
package lab-blue 1.0 'Conflicts: lab-red'

# A conffile (stays on remove, goes on purge) and state of its own (goes on purge).
for version in 1.0 2.0; do
  mkdir -p "$tree/root/etc" "$tree/control"
  printf 'setting = %s\n' "$version" >"$tree/root/etc/lab-conffile.conf"
  echo /etc/lab-conffile.conf >"$tree/control/conffiles"
  script postinst <<'END'
mkdir -p /var/lib/lab-conffile && echo state >/var/lib/lab-conffile/state
END
  script postrm <<'END'
[ "$1" != purge ] || rm -rf /var/lib/lab-conffile
END
  package lab-conffile "$version"
done

# A service that Debian's helpers would start, and one that only fails.
for name in lab-service lab-failing-service; do
  mkdir -p "$tree/root/lib/systemd/system"
  command='/bin/sleep infinity'
  [ $name = lab-service ] || command=/bin/false
  cat >"$tree/root/lib/systemd/system/$name.service" <<END
[Unit]
Description=$name
[Service]
ExecStart=$command
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
END
  script postinst <<END
systemctl daemon-reload
[ $name != lab-service ] || systemctl --quiet enable --now $name.service
END
  script prerm <<END
[ "\$1" != remove ] || systemctl --quiet disable --now $name.service || true
END
  package $name 1.0
done

# One whose installation fails, and one that takes its time (and dpkg's lock with it).
script postinst <<'END'
echo 'lab-broken: cannot be configured' >&2
exit 1
END
package lab-broken 1.0
script postinst <<'END'
sleep "${LAB_SLOW_SECONDS:-5}"
END
package lab-slow 1.0

# One that asks, which nobody can answer.
script config <<'END'
. /usr/share/debconf/confmodule
db_input critical lab-question/answer || true
db_go || true
END
mkdir -p "$tree/control"
printf 'Template: lab-question/answer\nType: string\nDefault: none\nDescription: An answer?\n' >"$tree/control/templates"
script postinst <<'END'
. /usr/share/debconf/confmodule
db_get lab-question/answer
echo "$RET" >/etc/lab-question.conf
END
script postrm <<'END'
[ "$1" != purge ] || rm -f /etc/lab-question.conf
END
package lab-question 1.0 'Depends: debconf (>= 1.5)'
