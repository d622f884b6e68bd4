# Sourced by all that mounts or removes every object: is this inside namespaces of its own?
# A stage outside records where it is and starts a stage inside, which compares.

# Where this shell is: its IPC and its mount namespace.
namespaces() {
	echo "$(readlink /proc/self/ns/ipc) $(readlink /proc/self/ns/mnt)"
}

# Fails with a message unless both namespaces differ from those that IPCKIT_OUTER records.
in_private_namespaces() {
	local ipc mnt outer_ipc outer_mnt
	read -r ipc mnt <<<"$(namespaces)"
	read -r outer_ipc outer_mnt <<<"${IPCKIT_OUTER:-}"
	if [[ $ipc == ipc:* && $mnt == mnt:* && $outer_ipc == ipc:* && $outer_mnt == mnt:* ]] &&
		[ "$ipc" != "$outer_ipc" ] && [ "$mnt" != "$outer_mnt" ]; then
		return 0
	fi
	echo "not in private IPC and mount namespaces: refused, since it would change the host" >&2
	return 1
}
