/* Which theme a word names. */

#include "server/interaction/themes.h"

#include <criterion/criterion.h>

static struct arena arena;

static void init(void) { arena_init(&arena, 1 << 20); }
static void fini(void) { arena_free(&arena); }
TestSuite(themes, .init = init, .fini = fini);

static const struct term_label complaint_labels[] = {{"en", "Complaint"}, {"ar", "شكوى"}};
static const struct term_label delivery_labels[] = {{"ar", "توصيل الطلبات"}};
static struct term subs[] = {{"delivery", 1, delivery_labels, false},
                             {.name = "payment", .retired = true}};
static struct theme items[] = {
    {.term = {"complaint", 2, complaint_labels, false}, .sub_count = 2, .subs = subs},
    {.term = {.name = "praise", .retired = true}},
};
static const struct themes themes = {.count = 2, .items = items};

static void expect(const char *theme, const char *sub_theme, const char *name,
                   const char *sub_name) {
    const struct theme_choice choice = themes_choose(&themes, theme, sub_theme, &arena);
    cr_expect_null(choice.theme_error, "%s", theme);
    cr_expect_null(choice.sub_theme_error, "%s", sub_theme);
    cr_expect_str_eq(choice.theme, name);
    cr_expect_str_eq(choice.sub_theme, sub_name);
}

Test(themes, names_and_labels_in_any_case) {
    expect("complaint", "delivery", "complaint", "delivery");
    expect(" COMPLAINT ", "Delivery", "complaint", "delivery");
    expect("شكوى", "", "complaint", "");
    expect("", "", "", "");
}

Test(themes, what_names_none) {
    static const struct {
        const char *theme;
        const char *sub_theme;
        bool is_theme_wrong;
        bool is_sub_theme_wrong;
    } wrong[] = {
        {"praise", "", true, false},           /* Retired. */
        {"question", "", true, false},         /* None. */
        {"question", "delivery", true, false}, /* What is wrong is the theme. */
        {"complaint", "payment", false, true}, /* Retired. */
        {"complaint", "app", false, true},     /* None. */
        {"", "delivery", false, true},         /* Of no theme. */
        {"\xff", "", true, false},             /* No text. */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct theme_choice choice =
            themes_choose(&themes, wrong[i].theme, wrong[i].sub_theme, &arena);
        cr_expect_eq(choice.theme_error != NULL, wrong[i].is_theme_wrong, "%zu", i);
        cr_expect_eq(choice.sub_theme_error != NULL, wrong[i].is_sub_theme_wrong, "%zu", i);
    }
}

Test(themes, what_names_none_is_told_with_the_nearest) {
    struct theme_choice choice = themes_choose(&themes, "Complant", "", &arena);
    cr_expect_str_eq(choice.theme_error, "is no theme of the workspace; the nearest is complaint");
    choice = themes_choose(&themes, "weather", "", &arena);
    cr_expect_str_eq(choice.theme_error, "is no theme of the workspace");
    choice = themes_choose(&themes, "complaint", "delivry", &arena);
    cr_expect_str_eq(choice.sub_theme_error,
                     "is no sub-theme of the theme; the nearest is delivery");
}

/* Letters count, not their bytes. */
Test(themes, the_nearest_is_found_by_what_it_is_called) {
    struct theme_choice choice = themes_choose(&themes, "الشكوى", "", &arena);
    cr_expect_str_eq(choice.theme_error, "is no theme of the workspace; the nearest is complaint");
    choice = themes_choose(&themes, "complaint", "توصيل طلبات", &arena);
    cr_expect_str_eq(choice.sub_theme_error,
                     "is no sub-theme of the theme; the nearest is delivery");
    choice = themes_choose(&themes, "طقس", "", &arena);
    cr_expect_str_eq(choice.theme_error, "is no theme of the workspace");
}

/* As names of people are compared. */
Test(themes, marks_and_the_article_stand_between_no_theme_and_its_name) {
    static const char *const words[] = {"الشَّكْوَىٰ", "شَكْوَى", "والشكوى", "شكوي", "COMPLÀINT"};
    for (size_t i = 0; i < 5; i++) {
        const struct theme_choice choice = themes_choose(&themes, words[i], "", &arena);
        cr_expect_str_eq(choice.theme_error,
                         "is no theme of the workspace; the nearest is complaint", "%zu", i);
    }
    const struct theme_choice choice = themes_choose(&themes, "complaint", "تَوْصِيلُ الطَّلَبَاتِ", &arena);
    cr_expect_str_eq(choice.sub_theme_error,
                     "is no sub-theme of the theme; the nearest is delivery");
}

Test(themes, what_is_retired_is_not_proposed) {
    struct theme_choice choice = themes_choose(&themes, "praises", "", &arena);
    cr_expect_str_eq(choice.theme_error, "is no theme of the workspace");
    choice = themes_choose(&themes, "complaint", "payments", &arena);
    cr_expect_str_eq(choice.sub_theme_error, "is no sub-theme of the theme");
}

Test(themes, without_any_every_word_is_one) {
    const struct themes none = {0};
    const struct theme_choice choice = themes_choose(&none, "Any Thing", "at all", &arena);
    cr_expect_null(choice.theme_error);
    cr_expect_str_eq(choice.theme, "Any Thing");
    cr_expect_str_eq(choice.sub_theme, "at all");
}

Test(themes, clashes) {
    const struct term *terms[] = {&items[0].term, &items[1].term};
    const struct term by_name = {.name = "praise"};
    const struct term_label label[] = {{"fr", "شكوى"}};
    const struct term by_label = {"other", 1, label, false};
    const struct term none = {.name = "question"};
    cr_expect_eq(terms_clash(terms, 2, &by_name, NULL, &arena), &items[1].term);
    cr_expect_null(terms_clash(terms, 2, &by_name, "praise", &arena));
    cr_expect_eq(terms_clash(terms, 2, &by_label, NULL, &arena), &items[0].term);
    cr_expect_null(terms_clash(terms, 2, &none, NULL, &arena));
}
