//! Keywords by what they mean in a declaration.

/// Qualifiers (C17 6.7.3) and the words that compilers let stand in their place.
pub fn is_qualifier(word: &[u8]) -> bool {
    matches!(
        word,
        b"const"
            | b"volatile"
            | b"restrict"
            | b"_Atomic"
            | b"__const"
            | b"__const__"
            | b"__volatile"
            | b"__volatile__"
            | b"__restrict"
            | b"__restrict__"
            | b"_Nonnull"
            | b"_Nullable"
            | b"_Null_unspecified"
    )
}

/// Specifiers that are no part of the type: storage classes and function specifiers.
pub fn is_specifier_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"typedef"
            | b"extern"
            | b"static"
            | b"auto"
            | b"register"
            | b"_Thread_local"
            | b"thread_local"
            | b"__thread"
            | b"inline"
            | b"__inline"
            | b"__inline__"
            | b"_Noreturn"
            | b"noreturn"
            | b"constexpr"
            | b"__extension__"
    )
}

/// Words that take an operand in parentheses and are a type, or say something of one.
pub fn is_type_operator(word: &[u8]) -> bool {
    matches!(
        word,
        b"typeof"
            | b"__typeof__"
            | b"__typeof"
            | b"typeof_unqual"
            | b"_BitInt"
            | b"_Atomic"
            | b"_Alignas"
            | b"alignas"
    )
}

/// Keywords that are type specifiers.
pub fn is_type_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"void"
            | b"char"
            | b"short"
            | b"int"
            | b"long"
            | b"float"
            | b"double"
            | b"signed"
            | b"unsigned"
            | b"__signed__"
            | b"__signed"
            | b"_Bool"
            | b"bool"
            | b"_Complex"
            | b"__complex__"
            | b"__int128"
            | b"__int128_t"
            | b"__uint128_t"
            | b"_Float16"
            | b"__bf16"
            | b"_Float32"
            | b"_Float64"
            | b"_Float128"
            | b"__float128"
            | b"__builtin_va_list"
    )
}
