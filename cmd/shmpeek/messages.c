/* SPDX-License-Identifier: MIT */
/* The messages of a queue, none of them taken out: as rows, or the bytes of one. */
#include "common/hex.h"
#include "common/program.h"
#include "shmpeek.h"

#include <stdio.h>

#define PREVIEW 64 /* bytes of each that a list keeps */

struct message_row {
	struct row row;
	const struct ipck_message *message;
};
#define MESSAGE ((const struct message_row *)row)->message

static void get_index(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = MESSAGE->index;
}

static void get_type(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = (uint64_t)MESSAGE->type; /* no queue takes one below 1 */
}

static void get_size(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = MESSAGE->bytes;
}

static void get_hex(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->text = MESSAGE->text;
	value->bytes = MESSAGE->text_bytes;
	value->number = MESSAGE->bytes;
}

/* Bytes of a UTF-8 character that begins so. */
static size_t character_size(unsigned char byte)
{
	return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

/* A character that the preview cuts is left out of it. */
static void get_text(const void *row, const struct style *style, struct value *value)
{
	const unsigned char *text = MESSAGE->text;
	size_t at = MESSAGE->text_bytes;

	get_hex(row, style, value);
	if (value->bytes == value->number)
		return;
	for (size_t back = 1; back <= 3 && back <= at; back++)
		if ((text[at - back] & 0xc0) != 0x80) {
			if (character_size(text[at - back]) > back)
				value->bytes -= back;
			break;
		}
}

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_row_ref, "reference of the object" },
	{ "INDEX", "index", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_index,
	  "place in the queue; 0: the one that is received next" },
	{ "TYPE", "type", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_type,
	  "type, as its sender chose it" },
	{ "SIZE", "bytes", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_size, "length of the message" },
	{ "TEXT", "text", 0, VALUE_BYTES, COLUMN_JSON | COLUMN_TRUNC, 0, 0, get_text,
	  "its first 64 bytes as text; with -J and --message all" },
	{ "HEX", "hex", 0, VALUE_HEX, COLUMN_JSON, 0, 0, get_hex, "the same in hexadecimal" },
	{ 0 },
};

const struct column_set message_columns = { .tables = ONE_TABLE(columns) };

/* All of one. */
static void write_message(const struct peeking *peeking, const struct ipck_message *message)
{
	struct hex hex;

	if (peeking->request->view == VIEW_RAW) {
		fwrite(message->text, 1, message->text_bytes, stdout);
		return;
	}
	hex_begin(&hex, stdout, 0, peeking->request->all_lines);
	hex_feed(&hex, message->text, message->text_bytes);
	hex_end(&hex);
}

static void write_messages(const struct peeking *peeking, const struct ipck_messages *messages)
{
	struct message_row row = { .row = { peeking } };

	if (peeking->writer == NULL) {
		write_message(peeking, ipck_messages_at(messages, 0));
		return;
	}
	for (size_t i = 0;
	     (row.message = ipck_messages_at(messages, i)) != NULL && !peeking->writer->failed; i++)
		writer_row(peeking->writer, &row);
}

int show_messages(struct peeking *peeking)
{
	const struct request *request = peeking->request;
	const struct ipck_messages_query query = {
		.size = sizeof(query),
		.text_bytes = request->one_message ? SIZE_MAX : PREVIEW,
		.most = request->head < SIZE_MAX ? (size_t)request->head : SIZE_MAX,
		.one = request->one_message,
		.index = request->message,
		.of_type = request->one_type,
		.type = request->message_type,
	};
	struct ipck_messages *messages;
	bool changed;

	if (ipck_messages_read(peeking->ctx, peeking->object, &query, &changed, &messages) !=
	    IPCK_OK) {
		complain("%s", ipck_message(peeking->ctx));
		return EXIT_PARTIAL;
	}
	if (changed)
		complain("%s: changed while it was read: messages may be missing, or there twice",
			 peeking->ref);
	write_messages(peeking, messages);
	ipck_messages_free(messages);
	return EXIT_DONE;
}

int show_posix_queue(struct peeking *peeking)
{
	if (peeking->writer != NULL)
		writer_row(peeking->writer, peeking->object);
	complain("%s: the messages of a POSIX queue cannot be read without taking them, as "
		 "mq_receive(3) does",
		 peeking->ref);
	return EXIT_PARTIAL;
}
