int deep_down(int levels);
int deep_call(int levels);
