#!/bin/sh
# Before removing, for deb ("remove") and rpm (0); not before upgrading.
set -e
case ${1:-} in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now postern.service postern-sync.timer postern-sync.service
	fi
	;;
esac
