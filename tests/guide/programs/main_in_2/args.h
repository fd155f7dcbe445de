#pragma once
int has_arg(int argc, char **argv, const char *name);
