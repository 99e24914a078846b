/* The words of names, rule by rule of the header. */

#include "server/identity/name_words.h"

#include <stdio.h>
#include <string.h>

#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(name_words, .fini = finish);

/* The words with a | between them. */
static const char *words_of(const char *name) {
    static char joined[4096];
    const char *const *words = NULL;
    const size_t count = name_words(name, forms_arena(), &words);
    cr_assert_leq(count, NAME_WORDS_MAX);
    size_t size = 0;
    joined[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(joined + size, sizeof joined - size, "%s%s", i == 0 ? "" : "|",
                                 words[i]);
        cr_assert_lt(size, sizeof joined);
    }
    return joined;
}

Test(name_words, rules) {
    static const struct form_case tests[] = {
        {"Jane Doe", "jane|doe"},
        {"  DOE,  Jane-Ann ", "doe|jane|ann"},
        {"Jane doe JANE", "jane|doe"},
        {"\uff2a\uff41\uff4e\uff45", "jane"},
        /* Diacritics, composed and not. */
        {"Ren\u00e9e Rene\u0301e", "renee"},
        {"M\u00fcller Stra\u00dfe", "muller|strasse"},
        {"\u0141ukasz S\u00f8rensen \u0110\u1eb7ng \u00c6gir", "lukasz|sorensen|dang|aegir"},
        {"\u0130pek I\u015f\u0131l", "ipek|isil"},
        {"O'Neil O\u2019Neil", "oneil"},
        {"\u0391\u03bb\u03ad\u03be\u03b7\u03c2", "\u03b1\u03bb\u03b5\u03be\u03b7\u03c3"},
        /* Arabic: alef, yeh, teh marbuta, hamza carriers. */
        {"\u0623\u062d\u0645\u062f", "\u0627\u062d\u0645\u062f"},
        {"\u0625\u064a\u0645\u0627\u0646", "\u0627\u064a\u0645\u0627\u0646"},
        {"\u0622\u0645\u0646\u0629", "\u0627\u0645\u0646\u0647"},
        {"\u0671\u0644\u0644\u0647", "\u0627\u0644\u0644\u0647"},
        {"\u0645\u0635\u0637\u0641\u0649", "\u0645\u0635\u0637\u0641\u064a"},
        {"\u0645\u0624\u0645\u0646 \u0647\u0627\u0646\u0626",
         "\u0645\u0648\u0645\u0646|\u0647\u0627\u0646\u064a"},
        {"\u0647\u0646\u0627\u0621", "\u0647\u0646\u0627\u0621"},
        /* Tashkeel and tatweel. */
        {"\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f", "\u0645\u062d\u0645\u062f"},
        {"\u0645\u062d\u0640\u0640\u0645\u062f", "\u0645\u062d\u0645\u062f"},
        /* Persian keheh and yeh; presentation forms; a zero-width non-joiner. */
        {"\u06a9\u0631\u06cc\u0645", "\u0643\u0631\u064a\u0645"},
        {"\ufee3\ufea4\ufee4\ufeaa", "\u0645\u062d\u0645\u062f"},
        {"\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0639\u0644\u064a|\u0631\u0636\u0627"},
        {"\u0641\u0627\u0637\u0645\u0629\u200c\u0632\u0647\u0631\u0627",
         "\u0641\u0627\u0637\u0645\u0647|\u0632\u0647\u0631\u0627"},
        {"\u200cJane\u200c\u200c", "jane"},
        /* The article is dropped, unless too little would be left. */
        {"\u0627\u0644\u0634\u0631\u064a\u0641", "\u0634\u0631\u064a\u0641"},
        {"\u0627\u0644\u0627\u0644\u0628\u0627\u0646", "\u0628\u0627\u0646"},
        {"\u0627\u0644\u0622\u0646", "\u0627\u0644\u0627\u0646"},
        /* Digits. */
        {"Louis 14 \u0661\u0664", "louis|14"},
        /* A script whose marks are vowels. */
        {"\u0930\u0940\u0924\u093e", "\u0930\u0940\u0924\u093e"},
        /* Nothing. */
        {"", ""},
        {"-- \u200e !", ""},
        {"\xff", ""},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        cr_expect_str_eq(words_of(tests[i].value), tests[i].canonical, "'%s': '%s'", tests[i].value,
                         words_of(tests[i].value));
    }
}

Test(name_words, words_of_words_are_the_same) {
    static const char *const names[] = {
        "Jane-Ann O'Doe", "\u0623\u062d\u0645\u062f \u0627\u0644\u062d\u0631\u0628\u064a",
        "\u0141ukasz \uff11\uff12"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char once[256];
        snprintf(once, sizeof once, "%s", words_of(names[i]));
        cr_expect_str_eq(words_of(once), once);
    }
}

Test(name_words, at_most_sixteen) {
    cr_expect_str_eq(words_of("a b c d e f g h i j k l m n o p q r s"),
                     "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p");
}
