"""Runs a command on a terminal of its own and shows the screen that it leaves.

usage: terminal.py COLUMNS ROWS RAW_FILE COMMAND...    (RAW_FILE gets every byte)

Knows what quickstart uses: CR, LF, cursor up, erase to the end of the line, colours. Exit status: the
command's. The last line is "WIDEST n": the highest column that was ever written to.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios

TOKEN = re.compile(r"\033\[(\d*)([A-Zm])|([\r\n])|([^\033\r\n]+)")


def run(columns, rows, raw, command):
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    with open(raw, "wb") as out:
        while True:
            try:
                got = os.read(fd, 65536)
            except OSError:
                break
            if not got:
                break
            out.write(got)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def screen(text):
    lines, row, column, widest = [""], 0, 0, 0
    for number, code, move, words in TOKEN.findall(text):
        if code == "A":
            row = max(0, row - int(number or 1))
        elif code == "K":
            lines[row] = lines[row][:column]
        elif move == "\r":
            column = 0
        elif move == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif words:
            lines[row] = lines[row][:column].ljust(column) + words + lines[row][column + len(words) :]
            column += len(words)
            widest = max(widest, column)
    return lines, widest


if __name__ == "__main__":
    status = run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
    with open(sys.argv[3], encoding="utf-8", newline="") as f:
        shown, most = screen(f.read())
    print("\n".join(line.rstrip() for line in shown))
    print(f"WIDEST {most}")
    sys.exit(status)
