int chooser_run(int x);
