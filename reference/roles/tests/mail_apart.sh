#!/bin/sh
# Nothing but the Host's mail reads a message (QP-CM-010, QP-ADD-25): among the sources of the folder given, only mailbox.*
# names the structures and machines of communication.
# usage: mail_apart.sh FOLDER
set -eu
names='msg::comm|msg::Mail|msg::Audience|host_message|host_mailbox'
grep -lE "$names" "$1"/mailbox.cpp >/dev/null || { echo "the search finds nothing even where there is something"; exit 2; }
found=$(grep -lE "$names" "$1"/*.cpp "$1"/*.hpp | grep -v '/mailbox\.[ch]pp$' || true)
if [ -n "$found" ]; then
  echo "reads mail: $found"
  exit 1
fi
echo "mail is read by the mailbox alone"
