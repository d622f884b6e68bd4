/* SPDX-License-Identifier: MIT */
/* Bytes in canonical hexadecimal and ASCII. */
#include "common/hex.h"
#include "common/program.h"
#include "shmpeek.h"

#include <stdio.h>

int show_lines(struct peeking *peeking, struct hex *hex)
{
	struct pieces pieces;
	struct piece piece;
	bool more = true;

	pieces_begin(&pieces, &peeking->content, peeking->begin, peeking->end);
	while (more && pieces_next(&pieces, &piece)) {
		if (piece.content == IPCK_CONTENT_DATA)
			more = hex_feed(hex, piece.data, (size_t)piece.bytes);
		else if (piece.content == IPCK_CONTENT_HOLE)
			more = hex_feed_zeros(hex, piece.bytes);
		else
			more = hex_feed_unknown(hex, piece.bytes);
	}
	pieces_end(&pieces);
	hex_end(hex);
	peeking->swapped += pieces.swapped;
	peeking->unknown += pieces.unknown;
	return pieces.failed ? EXIT_PARTIAL : EXIT_DONE;
}

int show_hex(struct peeking *peeking)
{
	struct hex hex;

	hex_begin(&hex, stdout, peeking->begin, peeking->request->all_lines);
	return show_lines(peeking, &hex);
}
