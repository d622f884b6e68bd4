/* SPDX-License-Identifier: MIT */
/* What became of each object, in text and as JSON. */
#include "common/program.h"
#include "common/signals.h"
#include "signalling.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const result_words[] = {
	[RESULT_PLANNED] = "planned",     [RESULT_REMOVED] = "removed",
	[RESULT_SIGNALLED] = "signalled", [RESULT_REFUSED] = "refused",
	[RESULT_FAILED] = "failed",       [RESULT_SKIPPED] = "skipped",
	[RESULT_MISSING] = "missing",     [RESULT_INTERRUPTED] = "interrupted",
};

const char *reason_only(const char *message)
{
	const char *colon = strstr(message, ": ");

	return colon != NULL ? colon + 2 : message;
}

void step_fail(struct step *step, int rc, const char *format, ...)
{
	va_list args;

	step->result = rc == IPCK_ERR_CHANGED || rc == IPCK_ERR_BUSY || rc == IPCK_ERR_OUTSIDE
			       ? RESULT_REFUSED
			       : RESULT_FAILED;
	va_start(args, format);
	vsnprintf(step->reason, sizeof(step->reason), format, args);
	va_end(args);
}

bool step_went_wrong(const struct step *step)
{
	return step->result == RESULT_REFUSED || step->result == RESULT_FAILED ||
	       step->result == RESULT_MISSING || step->result == RESULT_INTERRUPTED;
}

/* Names come from outside. */
const char *step_description(const struct step *step, char *buf, size_t size)
{
	const struct ipck_object *object = step->object;
	char owner[128], creator[128];

	ipck_sanitise(object->owner != NULL ? object->owner : "nobody", owner, sizeof(owner));
	if ((object->kind & IPCK_SYSV) == 0) {
		snprintf(buf, size, "owner %s, mode %04o", owner, object->mode);
		return buf;
	}
	ipck_sanitise(object->creator, creator, sizeof(creator));
	snprintf(buf, size, "key 0x%08x, owner %s, creator %s", object->key, owner, creator);
	return buf;
}

/* A JSON string, by hand: a report must not fail for want of memory when half is removed. */
static void put_json(const char *text)
{
	char valid[IPCK_REF_MAX];

	ipck_utf8(text, valid, sizeof(valid));
	putchar('"');
	for (const char *p = valid; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			putchar('\\');
		if ((unsigned char)*p < 0x20)
			printf("\\u%04x", (unsigned char)*p);
		else
			putchar(*p);
	}
	putchar('"');
}

static void put_member(const char *key, const char *value)
{
	printf(",\"%s\":", key);
	if (value[0] != '\0')
		put_json(value);
	else
		fputs("null", stdout);
}

/* The processes of this step that were to be signalled, each once. */
static void put_targets(const struct step *step, const struct request *request,
			const struct targets *targets)
{
	static const char *const words[] = {
		[SENDING_PLANNED] = "planned",
		[SENDING_SENT] = "sent",
		[SENDING_GONE] = "gone",
		[SENDING_FAILED] = "failed",
	};
	const struct target *target, *last = NULL;
	const struct ipck_holder *holder;
	char name[SIGNAL_NAME_MAX];

	put_member("signal", signal_name(request->signo, name));
	fputs(",\"holders\":[", stdout);
	for (size_t i = 0;
	     step->object != NULL && (holder = ipck_holder_at(step->object, i)) != NULL; i++) {
		target = signalling_target(targets, holder);
		if (target == NULL || target == last)
			continue;
		printf("%s{\"pid\":%d,\"command\":", last != NULL ? "," : "",
		       (int)target->process.pid);
		put_json(target->command);
		printf(",\"uid\":%u", target->uid);
		put_member("result", words[target->result]);
		putchar('}');
		last = target;
	}
	putchar(']');
}

static void report_json(const struct step *step, const struct request *request,
			const struct targets *targets, bool first)
{
	char ref[IPCK_REF_MAX];

	printf("%s\n{\"ref\":", first ? "" : ",");
	put_json(step_ref(step, ref));
	put_member("action", request->keep ? "signal" : "remove");
	put_member("result", result_words[step->result]);
	put_member("reason", step->reason);
	if (request->save_dir != NULL)
		put_member("file", step->file);
	if (request->signo != 0)
		put_targets(step, request, targets);
	putchar('}');
}

static void report_text(const struct step *step, const struct request *request)
{
	char words[320], ref[IPCK_REF_MAX];

	if (step_went_wrong(step)) {
		complain("%s: %s%s", step_ref(step, ref),
			 step->result == RESULT_REFUSED ? "refused: " : "", step->reason);
		return;
	}
	if (step->result == RESULT_PLANNED) /* the table of the plan has shown it */
		return;
	printf("%s %s", result_words[step->result], step_ref(step, ref));
	if (request->verbose && step->object != NULL)
		printf(" (%s)", step_description(step, words, sizeof(words)));
	if (step->file[0] != '\0')
		printf(", saved as %s", step->file);
	printf("%s%s\n", step->reason[0] != '\0' ? ": " : "", step->reason);
}

void report_begin(const struct request *request)
{
	if (request->json)
		fputs("{\"results\": [", stdout);
}

void report_step(const struct step *step, const struct request *request,
		 const struct targets *targets, bool first)
{
	if (request->json)
		report_json(step, request, targets, first);
	if (!request->json || step_went_wrong(step))
		report_text(step, request);
	program_flush(); /* told before the next one goes */
}

void report_end(const struct request *request)
{
	if (request->json)
		puts("\n]}");
}
