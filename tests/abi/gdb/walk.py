"""Steps through gates one instruction at a time and looks at gdb's backtrace at each.

Run as `gdb -batch -nx -x walk.py PROGRAM`, with the environment variables WALK_ARGUMENTS (those of the
program) and WALK_CALLS (how many calls of gates to follow). Prints "N instructions in M calls, K gates"
and exits with 0, or says where a backtrace is wrong and exits with 1.

At the first instruction of a gate or of an entry stub the backtrace is what ordinary code has. From there to the gate's end,
also after the callee has come back, it must be the same, with the gate on top; and the callee must see
the gate and behind it the same.
"""

import os
import re
import sys

import gdb


# Gates and entry stubs of the tests, and the frame that shows up between a gate and its callee.
SYMBOLS = [("^ia2_[0-9]*_to_", r"\bia2_\d+_to_[\w.]+"), ("^stub_[0-9]", r"\bstub_\d+\b")]
INLINED = "[call gate]"
# The function by which the test's driver makes calls, and the most frames above it.
OLDEST = "work"
MOST = 400


def frames():
    """Names and addresses of the frames down to the driver's, the youngest first."""
    found = []
    frame = gdb.newest_frame()
    while frame is not None and len(found) < MOST:
        if frame.name() != INLINED:
            found.append((frame.name(), frame.pc()))
        if frame.name() == OLDEST:
            break
        frame = frame.older()
    return found


def fail(what, expected, found):
    print("%s\n%s" % (what, gdb.execute("x/i $pc", to_string=True)))
    for title, chain in (("expected", expected), ("found", found)):
        print(title)
        for name, pc in chain:
            print("  %#x %s" % (pc, name))
    sys.stdout.flush()
    os._exit(1)


class Gates:
    """Where the gates are, and where their calls come back to."""

    def __init__(self):
        address = lambda name: int(gdb.parse_and_eval("(unsigned long)&'%s'" % name))
        self.starts = {}
        for symbols, name in SYMBOLS:
            listing = gdb.execute("info functions " + symbols, to_string=True)
            for found in re.findall(name, listing):
                self.starts[address(found)] = found
        self.last = {}
        self.returns = set()
        for start, name in self.starts.items():
            code = gdb.execute("disassemble '%s'" % name, to_string=True)
            lines = re.findall(r"^\s*(?:=> )?(0x[0-9a-f]+) <\+\d+>:\s+(\S+)", code, re.M)
            places = [(int(place, 16), mnemonic) for place, mnemonic in lines]
            self.last[start] = places[-1][0]
            for (_, mnemonic), (behind, _) in zip(places, places[1:]):
                if mnemonic.startswith("call"):
                    self.returns.add(behind)

    def gate_at(self, pc):
        """The start of the gate that an address lies in, or None."""
        start = max((start for start in self.starts if start <= pc), default=None)
        return start if start is not None and pc <= self.last[start] else None


def walk(calls):
    gates = Gates()
    for place in list(gates.starts) + sorted(gates.returns):
        gdb.Breakpoint("*%#x" % place, internal=True)
    pending = []
    steps = entered = 0
    used = set()
    gdb.execute("run " + os.environ.get("WALK_ARGUMENTS", "") + " > /dev/null", to_string=True)
    while gdb.selected_inferior().pid and (entered < calls or pending):
        pc = gdb.newest_frame().pc()
        gate = gates.gate_at(pc)
        if gate is None:
            # In a callee, or in a routine of the gates' own: on to the next gate.
            gdb.execute("continue", to_string=True)
            continue
        chain = frames()
        steps += 1
        if pc == gate:
            if entered == calls:
                # Enough; the others are only gone through.
                gdb.execute("continue", to_string=True)
                continue
            entered += 1
            used.add(gate)
            pending.append((gate, chain[1:]))
        if pending and pending[-1][0] == gate:
            behind = pending[-1][1]
            if chain[0][0] != gates.starts[gate] or chain[1:] != behind:
                fail("in a gate", [(gates.starts[gate], pc)] + behind, chain)
        gdb.execute("stepi", to_string=True)
        if not gdb.selected_inferior().pid:
            break
        now = gdb.newest_frame().pc()
        if pending and pending[-1][0] == gate and gates.gate_at(now) != gate:
            behind = pending[-1][1]
            chain = frames()
            if gates.starts[gate].startswith("stub"):
                # A stub jumps to a gate or to the function, which has the same behind it.
                if chain[1:] != behind:
                    fail("after a stub", [(None, now)] + behind, chain)
                pending.pop()
            elif now == behind[0][1]:
                if chain[1:] != behind[1:]:
                    fail("after a gate", behind, chain)
                pending.pop()
            elif [name for name, _ in chain[1:]] != [gates.starts[gate]] + [n for n, _ in behind]:
                fail("in what a gate calls", [(None, now), (gates.starts[gate], 0)] + behind, chain)
    print("%d instructions in %d calls, %d gates" % (steps, entered, len(used)))


gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.execute("set disable-randomization on")
try:
    walk(int(os.environ.get("WALK_CALLS", "200")))
except Exception as error:
    print("walk.py: %s" % error)
    sys.stdout.flush()
    os._exit(1)
