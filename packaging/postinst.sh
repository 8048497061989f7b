#!/bin/sh
# After installing and upgrading, for deb and rpm. Nothing is started or enabled; what runs goes on with the new program.
set -e
if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers postern.conf
elif ! getent passwd postern >/dev/null; then
	useradd --system --user-group --home-dir /var/lib/postern --shell /usr/sbin/nologin postern
fi
[ -d /var/lib/postern ] || install -d -o postern -g postern -m 700 /var/lib/postern
chgrp postern /etc/postern/postern.toml # it may come to hold addresses with passwords
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart postern.service postern-sync.timer
fi
