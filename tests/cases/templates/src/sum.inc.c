/* A template: T and NAME are what they are where it is included. */
T NAME(lib_sum)(const T *v, int n, T (*f)(T))
{
    T (*step)(T) = f ? f : NAME(same), sum = 0;
    for (int i = 0; i < n; i++)
        sum += step(v[i]);
    return step == NAME(same) ? -sum : sum;
}
