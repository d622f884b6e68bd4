/* SPDX-License-Identifier: MIT */
/*
 * Unix sockets as the kernel lists them, one network namespace at a time: by NETLINK_SOCK_DIAG, or
 * where that is missing or refused from /proc/PID/net/unix, which tells neither peers nor queues.
 */
#ifndef SOURCE_UNIX_SOCKETS_H
#define SOURCE_UNIX_SOCKETS_H

#include "base/context.h"
#include "base/pool.h"

struct unix_socket {
	uint64_t inode;
	int32_t type; /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	bool listening;
	const char *name; /* a path, or "@name" with each NUL as '@'; raw; NULL: not bound */
	/* Why the rest is unknown: IPCK_ERR_DENIED or IPCK_ERR_UNSUPPORTED; 0: it is known. */
	int why;
	uint64_t peer; /* inode of the other end; 0: none, not yet accepted, or closed */
	/*
	 * Bytes that wait to be read, of datagrams those of the first only; of a listening socket
	 * the connections that wait to be accepted.
	 */
	uint32_t queued;
	uint32_t backlog;  /* of a listening socket */
	bool read_closed;  /* nothing will be sent to it any more */
	bool write_closed; /* it can send nothing any more */
};

struct unix_sockets {
	struct pool *pool;        /* keeps the names; set by the owner */
	struct unix_socket *rows; /* by inode */
	size_t count, size;
	const struct unix_socket **by_peer; /* those that have one, by peer */
	size_t peer_count;
};

/*
 * Add those of the network namespace ns that process pid lives in; with pid 0 the calling thread's
 * own.  0, even where only /proc told; IPCK_ERR_MEMORY; or a reason why there is no list at all.
 */
int unix_sockets_add(struct ipck *ctx, struct unix_sockets *sockets, pid_t pid, uint64_t ns);
/* Add sockets that no list shows but that are known to be there.  0 or IPCK_ERR_MEMORY. */
int unix_sockets_put(struct unix_sockets *sockets, const struct unix_socket *rows, size_t count);
void unix_sockets_free(struct unix_sockets *sockets);

const struct unix_socket *unix_sockets_find(const struct unix_sockets *sockets, uint64_t inode);
/* Those that send to this inode: count of them, from the pointer returned on. */
const struct unix_socket *const *unix_sockets_to(const struct unix_sockets *sockets, uint64_t inode,
						 size_t *count);

/*
 * Is the socket behind /proc/.../fd/N a unix socket?  Asks for the extended attribute that all
 * sockets have; opens nothing.  1, 0, or -errno where that cannot be told.
 */
int unix_socket_ask(const char *path);

/* A line of /proc/net/unix; the name lies in the line.  False: it is none. */
bool unix_sockets_parse(const char *line, struct unix_socket *row);

#endif
