/* SPDX-License-Identifier: MIT */
/* --watch on a terminal: all rows again in place, and a line of counts above them. */
#include "common/watch_clock.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct drawing {
	struct writer writer;
	size_t fresh, gone;
};

static bool draw(void *data, const struct watched_row *row, enum watched_change change,
		 size_t depth)
{
	static const struct {
		const char *sign, *color;
	} looks[] = {
		[WATCHED_SAME] = { "", NULL },
		[WATCHED_NEW] = { "+", "green" },
		[WATCHED_GONE] = { "-", "\033[9;31m" }, /* struck out */
	};
	struct drawing *drawing = data;
	struct row_texts texts = row->texts;
	char *before = texts.texts[0];
	bool good;

	drawing->fresh += change == WATCHED_NEW;
	drawing->gone += change == WATCHED_GONE;
	texts.depth = depth;
	texts.color = looks[change].color;
	texts.texts[0] = (char *)looks[change].sign;
	good = writer_texts(&drawing->writer, &texts);
	texts.texts[0] = before;
	return good;
}

static struct winsize screen_size(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 3 || size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* The counts of this look, as far as they fit. */
static void put_counts(FILE *screen, const struct watching *watching, const struct drawing *drawing,
		       int width)
{
	char counts[160], time[WATCH_TIME_MAX];

	snprintf(counts, sizeof(counts),
		 "%.8s  %zu process%s, %zu zombie%s, %zu orphan%s, %zu new, %zu gone",
		 watch_time_text(time), watching->processes, watching->processes == 1 ? "" : "es",
		 watching->zombies, watching->zombies == 1 ? "" : "s", watching->orphans,
		 watching->orphans == 1 ? "" : "s", drawing->fresh, drawing->gone);
	fprintf(screen, "\033[H%.*s", width, counts);
}

/* Over what stands there: each line up to its end, and at last all below it. */
static void put_screen(const struct watching *watching, const struct drawing *drawing,
		       const char *text)
{
	const struct winsize window = screen_size();
	const size_t room = window.ws_row - 2; /* the counts, and where the cursor stays */
	size_t size = 0, lines = 0, left = 0;
	char *out = NULL;
	FILE *screen = open_memstream(&out, &size);

	if (screen == NULL)
		return;
	for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
		left++;
	put_counts(screen, watching, drawing, window.ws_col);
	for (; *text != '\0' && lines < room; lines++, left--) {
		const size_t length = strcspn(text, "\n");

		if (lines + 1 == room && left > 1)
			fprintf(screen, "\033[K\n... %zu more lines", left);
		else
			fprintf(screen, "\033[K\n%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
	fputs("\033[K\n\033[J", screen);
	if (fclose(screen) == 0)
		fwrite(out, 1, size, stdout);
	free(out);
}

bool watch_screen(struct watching *watching)
{
	struct writer_options options = watching->request->output;
	struct drawing drawing = { .fresh = 0 };
	char *text = NULL;
	size_t size = 0;
	bool good;

	options.out = open_memstream(&text, &size);
	if (options.out == NULL)
		return false;
	writer_open(&drawing.writer, &options);
	drawing.writer.tree = watching->view->tree;
	good = writer_begin(&drawing.writer, &watching->columns, watching->view->json) &&
	       watched_compare(&watching->before, &watching->now, watching->first, draw, &drawing);
	writer_end(&drawing.writer);
	good = writer_close(&drawing.writer) && good;
	if (fclose(options.out) != 0)
		good = false;
	if (good)
		put_screen(watching, &drawing, text);
	free(text);
	return good;
}
