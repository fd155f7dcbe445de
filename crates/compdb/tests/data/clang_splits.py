#!/usr/bin/env python3
"""Asks libclang how it splits command strings, and prints the answers as JSON.

The output is kept in clang_splits.json, so that the tests need no libclang:

    ./clang_splits.py /usr/lib/x86_64-linux-gnu/libclang-19.so.1 > clang_splits.json

A second argument is the number of random commands to ask about.
"""
import ctypes
import json
import os
import random
import sys
import tempfile


class CXString(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("flags", ctypes.c_uint)]


def library(path):
    clang = ctypes.CDLL(path)
    pointer = ctypes.c_void_p
    signatures = {
        "clang_CompilationDatabase_fromDirectory": (pointer, [ctypes.c_char_p, pointer]),
        "clang_CompilationDatabase_getCompileCommands": (pointer, [pointer, ctypes.c_char_p]),
        "clang_CompileCommands_getCommand": (pointer, [pointer, ctypes.c_uint]),
        "clang_CompileCommands_getSize": (ctypes.c_uint, [pointer]),
        "clang_CompileCommand_getNumArgs": (ctypes.c_uint, [pointer]),
        "clang_CompileCommand_getArg": (CXString, [pointer, ctypes.c_uint]),
        "clang_getCString": (ctypes.c_char_p, [CXString]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(clang, name)
        function.restype, function.argtypes = result, arguments
    return clang


def split(clang, commands):
    with tempfile.TemporaryDirectory() as directory:
        entries = [
            {"directory": directory, "file": f"{n}.c", "command": command}
            for n, command in enumerate(commands)
        ]
        with open(os.path.join(directory, "compile_commands.json"), "w") as file:
            json.dump(entries, file)
        database = clang.clang_CompilationDatabase_fromDirectory(directory.encode(), None)
        for n in range(len(commands)):
            path = os.path.join(directory, f"{n}.c").encode()
            found = clang.clang_CompilationDatabase_getCompileCommands(database, path)
            assert clang.clang_CompileCommands_getSize(found) == 1
            command = clang.clang_CompileCommands_getCommand(found, 0)
            count = clang.clang_CompileCommand_getNumArgs(command)
            arguments = [clang.clang_CompileCommand_getArg(command, i) for i in range(count)]
            yield [clang.clang_getCString(argument).decode() for argument in arguments]


WRITTEN = [
    "x -c a.c",
    "x  -c   a.c ",
    " x -c a.c",
    "x -DA=1 # -DB",
    "x '' \"\" a",
    "x -DS='\"a b\"'",
    "x -DS=\\\"a\\ b\\\"",
    "x \"a\\nb\" 'a\\nb' a\\nb",
    "x \"a\\\\b\\\"c\" d",
    "x a\tb\nc d",
    "x a'b c'd\"e f\"g",
    "x '$HOME' $HOME `id` ~ *",
    "x 'it'\\''s'",
    "x \"it's\" 'say \"hi\"'",
    "x a;b&&c|d>e<f(g)",
    "x ü 'ß ß'",
]


def commands(count):
    yield from WRITTEN
    generator = random.Random(1)
    for _ in range(count):
        length = generator.randint(1, 14)
        yield "x " + "".join(generator.choice(" \"'\\a#$\t") for _ in range(length))


def main():
    clang = library(sys.argv[1])
    asked = list(commands(int(sys.argv[2]) if len(sys.argv) > 2 else 300))
    answers = split(clang, asked)
    rows = [json.dumps(list(pair), ensure_ascii=False) for pair in zip(asked, answers)]
    print("[\n" + ",\n".join(rows) + "\n]")


main()
