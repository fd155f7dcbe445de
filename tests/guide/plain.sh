#!/bin/sh
# A user's own build, before there are compartments. `bear` records it.
#
# usage: plain.sh PROGRAM OUT, with CC, CFLAGS and IA2_PATH in the environment
set -eu
program=$1 out=$2

# dso NAME PKEY SOURCE... -- [-lLIBRARY...]: `main` is the executable, any other a library.
dso() {
    name=$1 pkey=$2
    shift 2
    # Turn the arguments: sources with their directory, then the libraries.
    while [ "$1" != -- ]; do
        set -- "$@" "$program/$1"
        shift
    done
    shift
    while case ${1-} in -*) true ;; *) false ;; esac do
        set -- "$@" "$1"
        shift
    done
    case $name in
    main) set -- -o "$out/main" "$@" ;;
    *) set -- -shared -o "$out/lib$name.so" "$@" ;;
    esac
    [ "$pkey" = 0 ] || set -- "-DPKEY=$pkey" "$@"
    "$CC" -fPIC -Wall -g $CFLAGS -DMOTTO='"two words"' -I "$program/include" \
        -I "$IA2_PATH/runtime/libia2/include" -I "$IA2_PATH/runtime/partition-alloc/include" \
        "$@" -pthread -L "$out" "-Wl,-rpath,$(cd "$out" && pwd)"
}

mkdir -p "$out"
. "$program/build.sh"
