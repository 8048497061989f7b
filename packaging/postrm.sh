#!/bin/sh
# After removing. /var/lib/postern has the key of the accounts' secrets, and what is known of every post: it stays, and so does
# the user it belongs to.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
