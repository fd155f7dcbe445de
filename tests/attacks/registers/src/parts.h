#ifndef PARTS_H
#define PARTS_H

/* All registers that a callee or a caller finds, in the attacker's memory. */
struct capture {
    unsigned long general[16];
    unsigned char upper[16][16];                /* bits 128 to 255 of the vector registers */
    unsigned char wide[32][64];                 /* AVX-512 */
    unsigned long masks[8];
    unsigned char fxsave[512] __attribute__((aligned(64)));
};

struct pair {
    long a, b, c;
};

/* Compartment 2, a victim that is called: it leaves its secret in every register. */
unsigned char *bank_secret(void);
/* Makes a secret of eight bytes for FILL_ALL. */
#define SHAPE(bytes) (bytes[15] |= 0x80, bytes[16] = 0, bytes[17] = 0x40)
void bank_void(void);
int bank_int(int number);
double bank_double(double number);
struct pair bank_pair(long a);
void bank_check_state(void);

/* Compartment 3. */
void spy_ready(int features);
void spy_void(void);
int spy_int(int number);
double spy_double(double number);
struct pair spy_pair(long a);
void spy_publish(int classes);
void spy_calls(int what);
void spy_leaves(int what);
void spy_trashes(void);
void spy_enters(int what);
int spy_honest(int number);

/* Classes of registers. */
enum { GENERAL = 1, XMM = 2, UPPER = 4, WIDE = 8, MASKS = 16, X87 = 32 };
/* Features of the CPU. */
enum { AVX = 1, AVX512 = 2 };
/* State that a hostile callee or caller leaves behind. */
enum { DIRECTION, ALIGNMENT, MXCSR, CONTROL_WORD, X87_STACK, MMX };

/*
 * Fills every register but rsp with the secret; vector registers have it in every other quadword, so
 * that the lowest one can carry an argument. `secret` names eight zero bytes, the eight secret ones, of
 * which the last has its top bit set, and 0, 0x40: with those the secret is a number for the x87.
 * For naked functions.
 */
#define FILL_ALL(secret, features)                                                                 \
    "leaq " secret "(%rip), %rax\n"                                                                \
    "movl " features "(%rip), %ecx\n"                                                              \
    "fninit\n"                                                                                     \
    "fldt 8(%rax)\n fldt 8(%rax)\n fldt 8(%rax)\n fldt 8(%rax)\n"                                      \
    "fldt 8(%rax)\n fldt 8(%rax)\n fldt 8(%rax)\n fldt 8(%rax)\n"                                      \
    "testl $1, %ecx\n"                                                                             \
    "jz 7f\n"                                                                                      \
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                                              \
    "vbroadcastf128 (%rax), %ymm\\n\n"                                                             \
    ".endr\n"                                                                                      \
    "testl $2, %ecx\n"                                                                             \
    "jz 8f\n"                                                                                      \
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n" \
    "vbroadcasti32x4 (%rax), %zmm\\n\n"                                                            \
    ".endr\n"                                                                                      \
    ".irp n, 0,1,2,3,4,5,6,7\n"                                                                    \
    "kmovq 8(%rax), %k\\n\n"                                                                        \
    ".endr\n"                                                                                      \
    "jmp 8f\n"                                                                                     \
    "7:\n"                                                                                         \
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                                              \
    "movups (%rax), %xmm\\n\n"                                                                     \
    ".endr\n"                                                                                      \
    "8:\n"                                                                                         \
    ".irp r, rbx,rcx,rdx,rsi,rdi,rbp,r8,r9,r10,r11,r12,r13,r14,r15,rax\n"                          \
    "movq 8(%rax), %\\r\n"                                                                        \
    ".endr\n"

/* Puts all registers into a struct capture. */
#define CAPTURE_ALL(capture, features)                                                             \
    "movq %rax, 0+" capture "(%rip)\n movq %rbx, 8+" capture "(%rip)\n"                            \
    "movq %rcx, 16+" capture "(%rip)\n movq %rdx, 24+" capture "(%rip)\n"                          \
    "movq %rsi, 32+" capture "(%rip)\n movq %rdi, 40+" capture "(%rip)\n"                          \
    "movq %rbp, 48+" capture "(%rip)\n movq %r8, 64+" capture "(%rip)\n"                           \
    "movq %r9, 72+" capture "(%rip)\n movq %r10, 80+" capture "(%rip)\n"                           \
    "movq %r11, 88+" capture "(%rip)\n movq %r12, 96+" capture "(%rip)\n"                          \
    "movq %r13, 104+" capture "(%rip)\n movq %r14, 112+" capture "(%rip)\n"                        \
    "movq %r15, 120+" capture "(%rip)\n"                                                           \
    "leaq " capture "(%rip), %rax\n"                                                               \
    "movl " features "(%rip), %ecx\n"                                                              \
    "fxsave64 2496(%rax)\n"                                                                        \
    "testl $1, %ecx\n"                                                                             \
    "jz 8f\n"                                                                                      \
    ".set offset, 128\n"                                                                           \
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                                              \
    "vextractf128 $1, %ymm\\n, offset(%rax)\n"                                                     \
    ".set offset, offset + 16\n"                                                                   \
    ".endr\n"                                                                                      \
    "testl $2, %ecx\n"                                                                             \
    "jz 8f\n"                                                                                      \
    ".set offset, 384\n"                                                                           \
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n" \
    "vmovups %zmm\\n, offset(%rax)\n"                                                              \
    ".set offset, offset + 64\n"                                                                   \
    ".endr\n"                                                                                      \
    ".irp n, 0,1,2,3,4,5,6,7\n"                                                                    \
    "kmovq %k\\n, 2432 + 8 * \\n(%rax)\n"                                                          \
    ".endr\n"                                                                                      \
    "8:\n"

#endif
