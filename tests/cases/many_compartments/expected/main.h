int main_last(int x);
