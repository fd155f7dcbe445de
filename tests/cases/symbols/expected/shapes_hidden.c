/* Another compartment has a function of this name, and both are hidden. */
__attribute__((visibility("hidden"))) int count(int n)
{
    return n;
}
