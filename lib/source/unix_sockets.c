/* SPDX-License-Identifier: MIT */
/* The dump of sock_diag, its poorer sister in /proc, and looking up in what they gave. */
#include "source/unix_sockets.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/namespace.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACCEPTS_CONNECTIONS 0x10000 /* __SO_ACCEPTCON */

static struct unix_socket *append(struct unix_sockets *sockets)
{
	if (sockets->count == sockets->size) {
		const size_t size = sockets->size > 0 ? sockets->size * 2 : 256;
		struct unix_socket *rows = reallocarray(sockets->rows, size, sizeof(*rows));

		if (rows == NULL)
			return NULL;
		sockets->rows = rows;
		sockets->size = size;
	}
	return memset(&sockets->rows[sockets->count++], 0, sizeof(*sockets->rows));
}

/* Names are bytes, not strings: of an abstract one any may be NUL.  As /proc shows them. */
static const char *keep_name(struct pool *pool, const char *bytes, size_t length)
{
	const bool abstract = length > 0 && bytes[0] == '\0';
	char *name;

	if (!abstract)
		length = strnlen(bytes, length);
	name = pool_alloc(pool, length + 1);
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < length; i++)
		name[i] = (char)(bytes[i] != '\0' ? bytes[i] : '@');
	name[length] = '\0';
	return name;
}

/* ---- sock_diag ---- */

static bool holds(const struct nlattr *attribute, size_t size)
{
	return mnl_attr_get_payload_len(attribute) >= size;
}

struct dump {
	struct unix_sockets *sockets;
	struct unix_socket *row; /* whose attributes are being read */
	int rc;                  /* IPCK_ERR_MEMORY */
};

static int take_attribute(const struct nlattr *attribute, void *data)
{
	const struct unix_diag_rqlen *queue = mnl_attr_get_payload(attribute);
	struct dump *dump = data;
	struct unix_socket *row = dump->row;

	switch (mnl_attr_get_type(attribute)) {
	case UNIX_DIAG_NAME:
		row->name = keep_name(dump->sockets->pool, mnl_attr_get_payload(attribute),
				      mnl_attr_get_payload_len(attribute));
		if (row->name == NULL)
			dump->rc = IPCK_ERR_MEMORY;
		break;
	case UNIX_DIAG_PEER:
		if (holds(attribute, sizeof(uint32_t)))
			row->peer = mnl_attr_get_u32(attribute);
		break;
	case UNIX_DIAG_RQLEN:
		if (holds(attribute, sizeof(*queue))) {
			row->queued = queue->udiag_rqueue;
			row->backlog = row->listening ? queue->udiag_wqueue : 0;
		}
		break;
	case UNIX_DIAG_SHUTDOWN:
		if (holds(attribute, 1)) {
			const unsigned closed = mnl_attr_get_u8(attribute);

			row->read_closed = (closed & 1) != 0; /* RCV_SHUTDOWN */
			row->write_closed = (closed & 2) != 0;
		}
		break;
	default:
		break;
	}
	return dump->rc == 0 ? MNL_CB_OK : MNL_CB_STOP;
}

static int take_message(const struct nlmsghdr *header, void *data)
{
	const struct unix_diag_msg *message = mnl_nlmsg_get_payload(header);
	struct dump *dump = data;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message) ||
	    message->udiag_family != AF_UNIX)
		return MNL_CB_OK;
	dump->row = append(dump->sockets);
	if (dump->row == NULL) {
		dump->rc = IPCK_ERR_MEMORY;
		return MNL_CB_STOP;
	}
	dump->row->inode = message->udiag_ino;
	dump->row->type = message->udiag_type;
	dump->row->listening = message->udiag_state == TCP_LISTEN;
	return mnl_attr_parse(header, sizeof(*message), take_attribute, dump);
}

static int receive(struct mnl_socket *socket, unsigned sequence, struct dump *dump)
{
	char buffer[32768]; /* as large as the kernel makes the messages of a dump */
	int rc = MNL_CB_OK;

	while (rc == MNL_CB_OK) {
		ssize_t length;

		do
			length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		while (length < 0 && errno == EINTR);
		if (length < 0)
			return -errno;
		if (length == 0)
			return -EPIPE;
		errno = 0;
		rc = mnl_cb_run(buffer, (size_t)length, sequence, mnl_socket_get_portid(socket),
				take_message, dump);
		if (rc < 0)
			return errno != 0 ? -errno : -EPROTO;
	}
	return 0;
}

/* 0, -errno, or IPCK_ERR_MEMORY in dump->rc. */
static int dump_sockets(struct mnl_socket *socket, struct dump *dump)
{
	char buffer[NLMSG_SPACE(sizeof(struct unix_diag_req))] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct unix_diag_req *request;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = 1;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->sdiag_family = AF_UNIX;
	request->udiag_states = UINT32_MAX;
	request->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -errno;
	return receive(socket, header->nlmsg_seq, dump);
}

/* In the namespace: 0, IPCK_ERR_MEMORY, or why there is no sock_diag. */
static int read_diag(void *data)
{
	struct dump *dump = data;
	const size_t before = dump->sockets->count;
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int rc = socket != NULL ? dump_sockets(socket, dump) : -errno;

	if (socket != NULL)
		mnl_socket_close(socket);
	if (dump->rc != 0)
		return dump->rc;
	if (rc == 0)
		return 0;
	dump->sockets->count = before; /* half a list is none */
	return ipck_reason(-rc) == IPCK_ERR_DENIED ? IPCK_ERR_DENIED : IPCK_ERR_UNSUPPORTED;
}

/* ---- /proc/PID/net/unix ---- */

/* "0000000063cf17ae: 00000003 00000000 00010000 0001 01 40731 /run/x": references, protocol,
 * flags, type, state, inode, name. */
bool unix_sockets_parse(const char *line, struct unix_socket *row)
{
	uint64_t address, references, protocol, flags, type, state, inode;

	if (!parse_upto(&line, 16, UINT64_MAX, &address) || !parse_literal(&line, ": ") ||
	    !parse_upto(&line, 16, UINT32_MAX, &references) || !parse_literal(&line, " ") ||
	    !parse_upto(&line, 16, UINT32_MAX, &protocol) || !parse_literal(&line, " ") ||
	    !parse_upto(&line, 16, UINT32_MAX, &flags) || !parse_literal(&line, " ") ||
	    !parse_upto(&line, 16, INT32_MAX, &type) || !parse_literal(&line, " ") ||
	    !parse_upto(&line, 16, UINT32_MAX, &state) || *line != ' ')
		return false;
	line += strspn(line, " ");
	if (!parse_upto(&line, 10, UINT64_MAX, &inode) || (*line != ' ' && *line != '\0'))
		return false;
	*row = (struct unix_socket){
		.inode = inode,
		.type = (int32_t)type,
		.listening = (flags & ACCEPTS_CONNECTIONS) != 0,
		.name = line[0] == ' ' && line[1] != '\0' ? line + 1 : NULL,
	};
	return true;
}

static int keep(struct unix_sockets *sockets, struct unix_socket *row)
{
	struct unix_socket *kept = append(sockets);

	if (kept == NULL)
		return IPCK_ERR_MEMORY;
	if (row->name != NULL) {
		row->name = pool_string(sockets->pool, row->name);
		if (row->name == NULL)
			return IPCK_ERR_MEMORY;
	}
	*kept = *row;
	return 0;
}

/*
 * A name may hold a newline, which the kernel does not escape: what follows it may be no line, or
 * one that was made up.
 */
static int read_proc(struct unix_sockets *sockets, pid_t pid, int why)
{
	struct lines lines;
	char path[40] = "/proc/thread-self/net/unix", *line;
	size_t length;
	int rc;

	if (pid != 0)
		snprintf(path, sizeof(path), "/proc/%d/net/unix", (int)pid);
	rc = lines_open(&lines, path);
	if (rc != 0)
		return ipck_reason(-rc);
	while (rc == 0 && (line = lines_next(&lines, &length)) != NULL) {
		struct unix_socket row;

		if (unix_sockets_parse(line, &row)) {
			row.why = why;
			rc = keep(sockets, &row);
		}
	}
	lines_close(&lines);
	return rc;
}

/* ---- Order ---- */

static int by_inode(const void *a, const void *b)
{
	const uint64_t left = ((const struct unix_socket *)a)->inode;
	const uint64_t right = ((const struct unix_socket *)b)->inode;

	return (left > right) - (left < right);
}

static int by_peer(const void *a, const void *b)
{
	const uint64_t left = (*(const struct unix_socket *const *)a)->peer;
	const uint64_t right = (*(const struct unix_socket *const *)b)->peer;

	return (left > right) - (left < right);
}

/* Two rows with one inode: one of them was made up, so neither is believed its name. */
static void merge_doubles(struct unix_sockets *sockets)
{
	size_t kept = 0;

	for (size_t i = 0; i < sockets->count; i++) {
		if (kept > 0 && sockets->rows[kept - 1].inode == sockets->rows[i].inode)
			sockets->rows[kept - 1].name = NULL;
		else
			sockets->rows[kept++] = sockets->rows[i];
	}
	sockets->count = kept;
}

static int put_in_order(struct unix_sockets *sockets)
{
	if (sockets->count == 0)
		return 0;
	qsort(sockets->rows, sockets->count, sizeof(*sockets->rows), by_inode);
	merge_doubles(sockets);
	free(sockets->by_peer);
	sockets->peer_count = 0;
	sockets->by_peer = calloc(sockets->count, sizeof(*sockets->by_peer));
	if (sockets->by_peer == NULL)
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->rows[i].peer != 0)
			sockets->by_peer[sockets->peer_count++] = &sockets->rows[i];
	qsort(sockets->by_peer, sockets->peer_count, sizeof(*sockets->by_peer), by_peer);
	return 0;
}

int unix_sockets_add(struct ipck *ctx, struct unix_sockets *sockets, pid_t pid, uint64_t ns)
{
	struct dump dump = { .sockets = sockets };
	int rc = pid != 0 ? namespace_run(ctx, NAMESPACE_NET, pid, ns, read_diag, &dump)
			  : read_diag(&dump);

	if (rc != 0 && rc != IPCK_ERR_MEMORY) {
		const int why = rc == IPCK_ERR_DENIED ? IPCK_ERR_DENIED : IPCK_ERR_UNSUPPORTED;

		rc = read_proc(sockets, pid, why);
		if (rc != 0 && rc != IPCK_ERR_MEMORY)
			ipck_fail(ctx, (enum ipck_error)rc,
				  "unix sockets: neither sock_diag nor /proc/net/unix: %s",
				  ipck_strerror((enum ipck_error)rc));
	}
	/* After a failure too: rows that came and went may have moved those that are pointed to. */
	if (rc != IPCK_ERR_MEMORY && put_in_order(sockets) != 0)
		rc = IPCK_ERR_MEMORY;
	return rc;
}

int unix_sockets_put(struct unix_sockets *sockets, const struct unix_socket *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct unix_socket row = rows[i];

		if (keep(sockets, &row) != 0)
			return IPCK_ERR_MEMORY;
	}
	return count > 0 ? put_in_order(sockets) : 0;
}

void unix_sockets_free(struct unix_sockets *sockets)
{
	free(sockets->rows);
	free(sockets->by_peer);
	*sockets = (struct unix_sockets){ .pool = sockets->pool };
}

const struct unix_socket *unix_sockets_find(const struct unix_sockets *sockets, uint64_t inode)
{
	const struct unix_socket wanted = { .inode = inode };

	if (sockets->count == 0)
		return NULL;
	return bsearch(&wanted, sockets->rows, sockets->count, sizeof(wanted), by_inode);
}

const struct unix_socket *const *unix_sockets_to(const struct unix_sockets *sockets, uint64_t inode,
						 size_t *count)
{
	size_t low = 0, high = sockets->peer_count;

	*count = 0;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (sockets->by_peer[middle]->peer < inode)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + *count < sockets->peer_count && sockets->by_peer[low + *count]->peer == inode)
		++*count;
	return *count > 0 ? &sockets->by_peer[low] : NULL;
}

int unix_socket_ask(const char *path)
{
	char name[64] = "";
	const ssize_t length = getxattr(path, "system.sockprotoname", name, sizeof(name) - 1);

	if (length < 0)
		return -errno;
	return strncmp(name, "UNIX", 4) == 0;
}
