/* SPDX-License-Identifier: MIT */
/*
 * Runs a command on a terminal of its own, as a person would: output and messages go to a pty that
 * is also its controlling terminal, and questions are answered there.
 *
 *   terminal COLUMNS [ANSWER...] -- COMMAND ARG...
 *     Types one ANSWER and the return key each time that "[y/N] " has been shown; "^D" alone is
 *     the end-of-file key, and "@PATH" is a line to be read from that file or FIFO then.  Copies
 * what the terminal was shown to standard output, and ends with the command's status.  The
 * command's standard input is this program's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char prompt[] = "[y/N] ";

static void type(int terminal, const char *answer)
{
	char line[64];
	int length, file;

	if (answer[0] == '@') {
		file = open(answer + 1, O_RDONLY | O_CLOEXEC);
		length = (int)read(file, line, sizeof(line));
		if (length <= 0 || write(terminal, line, (size_t)length) != length)
			exit(2);
		close(file);
		return;
	}
	length = strcmp(answer, "^D") == 0 ? snprintf(line, sizeof(line), "\004")
					   : snprintf(line, sizeof(line), "%s\n", answer);

	if (write(terminal, line, (size_t)length) != length)
		exit(2);
}

/* The prompts may come in pieces: matched counts how much of the next one has been seen. */
static void copy(int terminal, char **answers, const char *const *end)
{
	char buffer[4096];
	size_t matched = 0;
	ssize_t length;

	while ((length = read(terminal, buffer, sizeof(buffer))) > 0 ||
	       (length < 0 && errno == EINTR)) {
		if (length > 0 && (fwrite(buffer, 1, (size_t)length, stdout) != (size_t)length ||
				   fflush(stdout) != 0))
			exit(2);
		for (ssize_t i = 0; i < length; i++) {
			matched = buffer[i] == prompt[matched] ? matched + 1 : buffer[i] == '[';
			if (prompt[matched] != '\0')
				continue;
			matched = 0;
			if ((const char *const *)answers < end)
				type(terminal, *answers++);
		}
	}
}

int main(int argc, char **argv)
{
	struct winsize window = { .ws_row = 24 };
	struct termios modes;
	int terminal, status, input = dup(STDIN_FILENO), dashes = 2;
	pid_t child;

	while (dashes < argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	if (argc < 4 || dashes + 1 >= argc || input < 0)
		return 2;
	window.ws_col = (unsigned short)atoi(argv[1]);
	child = forkpty(&terminal, NULL, NULL, &window);
	if (child == 0) {
		/* no echo of the answers, no carriage returns */
		tcgetattr(STDOUT_FILENO, &modes);
		modes.c_lflag &= ~(tcflag_t)ECHO;
		modes.c_oflag &= ~(tcflag_t)OPOST;
		tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
		dup2(input, STDIN_FILENO);
		close(input);
		execvp(argv[dashes + 1], argv + dashes + 1);
		_exit(127);
	}
	if (child < 0)
		return 2;
	copy(terminal, argv + 2, (const char *const *)argv + dashes);
	if (waitpid(child, &status, 0) != child)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
