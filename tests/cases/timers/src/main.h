int main_ticked(int x);
