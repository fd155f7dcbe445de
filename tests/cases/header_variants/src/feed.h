struct feed {
    char *current;
    int number;
    char words[2][4];
};
int feed_own(struct feed *feed);
