int main_bonus(int x);
