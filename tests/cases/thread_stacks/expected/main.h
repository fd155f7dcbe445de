int main_down(int levels);
