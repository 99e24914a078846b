/* Trees on a screen. */

#include "client/cli/tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* A tree of two branches, one of which has another. */
static void grow(struct tree *tree, const char *name) {
    tree_line(tree);
    tree_words(tree, "root");
    tree_end(tree);
    tree_open(tree, false);
    tree_words(tree, "one of");
    tree_value(tree, STYLE_BOLD, name);
    tree_words(tree, ": told, and more");
    tree_end(tree);
    tree_open(tree, true);
    tree_words(tree, "deep");
    tree_end(tree);
    tree_close(tree);
    tree_close(tree);
    tree_gap(tree);
    tree_open(tree, true);
    tree_words(tree, "two");
    tree_end(tree);
    tree_line(tree);
    tree_words(tree, "more of it");
    tree_end(tree);
    tree_close(tree);
}

static void check(struct screen screen, const char *name, const char *expected) {
    char *out = NULL;
    size_t size;
    screen.out = open_memstream(&out, &size);
    struct tree tree;
    tree_init(&tree, &screen);

    grow(&tree, name);

    fclose(screen.out);
    cr_expect_str_eq(out, expected, "%s", out);
    free(out);
}

Test(tree, branches_lead_on_to_the_last) {
    check((struct screen){.width = 80}, "Nora",
          "root\n"
          "├─ one of Nora: told, and more\n"
          "│  └─ deep\n"
          "│\n"
          "└─ two\n"
          "   more of it\n");
}

Test(tree, lines_are_broken_between_words_and_long_values_are_cut) {
    check((struct screen){.width = 18}, "nora.salem@example.org",
          "root\n"
          "├─ one of\n"
          "│    nora.salem@…:\n"
          "│    told, and\n"
          "│    more\n"
          "│  └─ deep\n"
          "│\n"
          "└─ two\n"
          "   more of it\n");
}

Test(tree, what_a_terminal_would_obey_is_shown_and_right_to_left_is_isolated) {
    check((struct screen){.width = 80, .terminal = true}, "نورة",
          "root\n"
          "├─ one of \xe2\x81\xa8نورة\xe2\x81\xa9: told, and more\n"
          "│  └─ deep\n"
          "│\n"
          "└─ two\n"
          "   more of it\n");
    check((struct screen){.width = 80}, "a\033[31m",
          "root\n"
          "├─ one of a\\u001b[31m: told, and more\n"
          "│  └─ deep\n"
          "│\n"
          "└─ two\n"
          "   more of it\n");
}
