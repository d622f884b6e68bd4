/* SPDX-License-Identifier: MIT */
/*
 * The processes that references name, held by descriptors, to be signalled as one.  Whatever is
 * done to a member goes through its open folder /proc/PID, which stays with that process and never
 * shows or reaches a later one of its number.
 */
#ifndef ACTION_PROCESS_SET_H
#define ACTION_PROCESS_SET_H

#include "base/context.h"
#include "base/pool.h"
#include "base/table.h"
#include "insight/process_snapshot.h"
#include "source/process_status.h"

#define SET_LOOKS 20 /* for members, until one finds nobody new */

struct set_ref {
	enum ipck_kind kind;
	pid_t pid;
	bool exact;
	uint64_t start_time; /* exact: of the process, or of the leader */
	int result;          /* not 0: it names nobody */
	/* At the last look a member was of the group or session; when that last was so, in ticks.
	 */
	bool held;
	uint64_t held_at;
};

struct set_member {
	struct ipck_member row;
	int folder;       /* /proc/PID; -1: none, and then it is never signalled */
	bool by_identity; /* named by "pid" or "tree": whatever its group is by now */
	bool in_tree;     /* what descends from it is of the set, too */
	bool outsider;    /* it only descends from a member */
	/* Of one call to signal: */
	bool sent;   /* it got the signal */
	bool halted; /* we stopped it, and owe it SIGCONT */
	bool chosen; /* it is to be stopped */
	bool quiet;  /* all its threads were seen to be stopped */
	bool left;   /* made by a handler of the signal, which is not for it */
	/* Halted, but asleep so that it cannot stop: how often its threads had run by then, and
	 * since when, by set_clock(), they did not; 0: they do. */
	uint64_t runs, asleep_since;
	bool blocked; /* and uninterruptible */
};

struct ipck_process_set {
	struct set_ref *refs;
	size_t ref_count;
	bool force;
	struct set_member *members;
	size_t count, room;
	struct table by_pid; /* of members: place + 1 */
	/* What descends from members of groups and sessions, and is outside of these. */
	struct ipck_member *outside;
	size_t outside_count, outside_room;
	struct table outside_by_pid;
	/* The caller's parent, its parent and so on.  Where a hidden one breaks the chain, oldest
	 * is when the last that can be seen started: those above it are older. */
	struct table ancestors;
	bool chain_broken;
	uint64_t oldest;
	bool hidden; /* /proc hides processes: groups may have members that are not seen */
	bool missed; /* a group has members, but the last look found none */
	/* Somebody was left out who may be of a group or session, or of a later one of its number.
	 */
	bool doubtful;
	struct table stopped_groups; /* those that were stopped as a whole */
	struct pool pool;
};

/* ---- One member: process_set_member.c ---- */

/* Read stat through the folder.  0 or an errno, ESRCH: it is gone. */
int member_stat(const struct set_member *member, struct process_stat *stat);
/* Has it ended, if only as far as a zombie? */
bool stat_ended(const struct process_stat *stat);
/* Is it stopped, by a signal or by a tracer? */
bool stat_stopped(const struct process_stat *stat);
/*
 * What its threads do, the liveliest of them.  runs: of those asleep, in sum; as long as that stays
 * the same they slept on.  One that could not be read moves.
 */
enum stance {
	STANCE_STOPPED,
	STANCE_ASLEEP,  /* not stopped: frozen, or yet to be woken for the stop */
	STANCE_BLOCKED, /* asleep, and uninterruptible: perhaps in the middle of fork(2) */
	STANCE_MOVING
};
enum stance member_stance(const struct set_member *member, const struct process_stat *stat,
			  uint64_t *runs);
/* Look again: does it live, and is it of the set?  Otherwise its state says why not. */
bool member_refresh(const struct ipck_process_set *set, struct set_member *member,
		    struct process_stat *stat);
/* Send a signal to it, and to none but it; never to one that is spared.  0 or an errno. */
int member_send(struct set_member *member, int signo);
/* Put an errno down as its state. */
void member_fail(struct set_member *member, int error);
/* Is it one to be signalled, as far as is known? */
bool member_counts(const struct set_member *member);

/* Is this group, or this session, one that a reference names? */
bool set_names(const struct ipck_process_set *set, pid_t pgid, pid_t sid);
/* Not those outside. */
struct set_member *set_find(const struct ipck_process_set *set, pid_t pid);
struct set_member *set_find_row(const struct ipck_process_set *set, const struct ipck_process *row);
/* Are there descriptors left for a look? */
bool set_has_room(void);
uint64_t set_clock(void); /* monotonic milliseconds */

/* ---- Looking for members: process_set_look.c ---- */

/*
 * Take a snapshot of all processes, and those that are named and not in the set yet into it; late:
 * by the groups, sessions and trees of those that are in it.  *fresh: how many they are.
 */
int set_look(struct ipck *ctx, struct ipck_process_set *set, bool late, size_t *fresh);

/* ---- Who came later: process_set_newcomers.c ---- */

bool set_ref_is_of(const struct set_ref *ref, pid_t pgid, pid_t sid); /* of that group or session */
/* Note of each group and session whether one of the first members still holds its number. */
void set_find_held(struct ipck_process_set *set, size_t members);
/* Let those from before on go whose group or session can be a later one of the same number. */
void set_check_newcomers(struct ipck_process_set *set, const struct sessions *sessions,
			 size_t before);

/* ---- Those that are spared: process_set_spare.c ---- */

int set_find_ancestors(struct ipck_process_set *set, const struct sessions *sessions);
enum ipck_spared set_spares(const struct ipck_process_set *set, const struct ipck_process *row,
			    bool by_session);

/* ---- Those that left: process_set_outside.c ---- */

int set_note_outside(struct ipck_process_set *set, const struct sessions *sessions, bool late);
/* Those who live become rows, at the end. */
int set_add_outside(struct ipck_process_set *set);

/* ---- Stopping: process_set_stop.c ---- */

/* Stop those that live and did not get the signal, and wait for that; not beyond the deadline. */
void set_stop(struct ipck_process_set *set, uint64_t deadline);
/*
 * Did all stand still since then?  Those asleep did when they have not run.  Who was continued by
 * somebody else gets another stop, to be waited for by set_stop().
 */
bool set_stands(struct ipck_process_set *set);
/*
 * Continue those that we stopped, but not those that signo has killed.  unseen: processes that were
 * stopped with their group may not have become members.
 */
void set_continue(struct ipck_process_set *set, int signo, bool unseen);
/*
 * The members with children before their parents, to be freed.  Where a parent ends first, and
 * cuts off the group of its children while these are stopped, the kernel sends them SIGHUP.  NULL:
 * no memory.
 */
struct set_member **set_order(const struct ipck_process_set *set);

/* A place for one more at the end; NULL: no memory. */
struct set_member *set_add(struct ipck_process_set *set, const struct ipck_member *row);

#endif
