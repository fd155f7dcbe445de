#!/bin/sh
# What the user's guide tells people to type, for one program.
#
# usage: follow.sh PROGRAM WORK, with in the environment
#   CC, CFLAGS    the compiler and its flags
#   LINKER        bfd, lld, gold or mold
#   STYLE         in-tree: the build runs in the sources and everything is named by absolute paths;
#                 out-of-tree: it runs elsewhere and the rewriter gets relative paths
#   PAD           yes: every shared object, and a copy of libc, goes through pad-tls
#   STRIP         yes: strip takes the symbols off everything
#   IA2_PATH      the repository
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd -P)
project=$work/project out=$work/rewritten plain=$work/plain bin=$work/bin
cp -R "$1" "$project"
mkdir -p "$out" "$bin"
rewriter=$IA2_PATH/build/tools/rewriter/ia2-rewriter

# --- Capturing compile commands
case $STYLE in
in-tree)
    cd "$project"
    bear -- sh "$here/plain.sh" . "$plain"
    ;;
out-of-tree)
    mkdir -p "$plain"
    cd "$plain"
    bear -- sh "$here/plain.sh" ../project .
    (cd "$plain" && "$IA2_PATH/tools/rewriter/canonicalize_compile_command_paths.py")
    ;;
esac

# --- Running the rewriter
sources() {
    dso() {
        shift 2
        while [ "$1" != -- ]; do
            echo "$1"
            shift
        done
    }
    . "$project/build.sh"
}
sources >"$work/sources"
set --
case $STYLE in
in-tree)
    while read -r source; do
        set -- "$@" "$project/$source"
    done <"$work/sources"
    cd "$out"
    "$rewriter" \
        --root-directory="$project" \
        --output-directory="$out" \
        --output-prefix=wrapper \
        "$@"
    ;;
out-of-tree)
    while read -r source; do
        set -- "$@" "$source"
    done <"$work/sources"
    cd "$project"
    "$(realpath --relative-to=. "$rewriter")" --arch=x86 -p ../plain --extra-arg=-DREAD_BY_REWRITER \
        --root-directory . --output-directory ../rewritten --output-prefix ../rewritten/wrapper "$@"
    ;;
esac

# --- Manual source changes
cd "$out"
if [ -e "$project/change.sh" ]; then
    . "$project/change.sh"
fi

# --- Building the callgate shim
"$CC" -shared -fPIC -Wl,-z,now wrapper.c -I "$IA2_PATH/runtime/libia2/include" -o "$bin/libcallgates.so"

# --- Compiling and linking the program
dso() {
    name=$1 pkey=$2
    shift 2
    while [ "$1" != -- ]; do
        set -- "$@" "$out/$1"
        shift
    done
    shift
    while case ${1-} in -*) true ;; *) false ;; esac do
        set -- "$@" "$1"
        shift
    done
    if [ -e "$out/wrapper_$pkey.ld" ]; then
        set -- "$@" "-Wl,@$out/wrapper_$pkey.ld"
    fi
    case $name in
    main)
        set -- -o "$bin/main" "$@" \
            -Wl,--wrap=main \
            -Wl,--dynamic-list="$IA2_PATH/runtime/libia2/dynsym.syms" \
            -Wl,--export-dynamic \
            -L"$IA2_PATH/build/runtime/libia2" \
            -L"$IA2_PATH/build/runtime/partition-alloc" \
            -llibia2 \
            -lpartition-alloc \
            -lcallgates
        ;;
    *)
        set -- -shared -o "$bin/lib$name.so" "$@"
        case $CFLAGS in
        # The guide links libraries without these, which the linker only accepts without this flag.
        *-z,defs*)
            set -- "$@" -L"$IA2_PATH/build/runtime/partition-alloc" -lpartition-alloc -lcallgates
            ;;
        esac
        ;;
    esac
    # What the program was built with before, then what the guide adds.
    "$CC" -Wall -g $CFLAGS -DMOTTO='"two words"' -I "$out/include" -L "$bin" "-Wl,-rpath,$bin" \
        "-fuse-ld=$LINKER" \
        -fPIC \
        -DPKEY="$pkey" \
        -DIA2_ENABLE=1 \
        -include "$out/wrapper.h" \
        -I "$IA2_PATH/runtime/libia2/include" \
        -I "$IA2_PATH/runtime/partition-alloc/include" \
        -Werror=incompatible-pointer-types \
        -Wl,--wrap=pthread_create \
        -Wl,--wrap=calloc \
        -Wl,--wrap=free \
        -Wl,--wrap=malloc \
        -Wl,--wrap=memalign \
        -Wl,--wrap=posix_memalign \
        -Wl,--wrap=pvalloc \
        -Wl,--wrap=realloc \
        -Wl,--wrap=valloc \
        -Wl,--wrap=malloc_usable_size \
        -Wl,--wrap=realpath \
        -Wl,--wrap=strdup \
        -Wl,--wrap=strndup \
        -Wl,--wrap=getcwd \
        -Wl,--wrap=asprintf \
        -Wl,--wrap=vasprintf \
        -pthread \
        -Wl,-z,now \
        -Wl,-z,relro \
        -Wl,-T"$IA2_PATH/runtime/libia2/padding.ld" \
        "$@"
}
. "$project/build.sh"

# --- Using Thread Local Storage
cp "$IA2_PATH/build/runtime/partition-alloc/libpartition-alloc.so" "$bin"
if [ "$PAD" = yes ]; then
    cp "$("$CC" -print-file-name=libc.so.6)" "$bin"
    "$IA2_PATH/build/tools/pad-tls/pad-tls" --allow-no-tls "$bin"/*.so "$bin/libc.so.6"
fi

# --- Not of the guide: what people do with what they ship
if [ "$STRIP" = yes ]; then
    strip "$bin"/*.so "$bin/main"
fi
