/* Which names are told for which. */

#include "server/base/nearest.h"

#include <criterion/criterion.h>

static const char *const names[] = {"whatsapp", "email", "line", "sms", "شكوى", "complaint"};

static const char *nearest_to(const char *to) {
    struct nearest nearest = nearest_begin(to);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        nearest_try(&nearest, names[i], names[i]);
    }
    return nearest.name;
}

Test(nearest, what_is_mistyped_is_found) {
    cr_expect_str_eq(nearest_to("whatsap"), "whatsapp");
    cr_expect_str_eq(nearest_to("emial"), "email");
    cr_expect_str_eq(nearest_to("sm"), "sms");
    cr_expect_str_eq(nearest_to("mss"), "sms", "of a short one, two have changed places");
    cr_expect_str_eq(nearest_to("hwtaaspp"), "whatsapp");
    cr_expect_str_eq(nearest_to("شكوي"), "شكوى");
    cr_expect_str_eq(nearest_to("complants"), "complaint");
}

Test(nearest, what_is_not_alike_is_like_none) {
    cr_expect_null(nearest_to("nope"), "of line three letters of four are others");
    cr_expect_null(nearest_to("xyz"));
    cr_expect_null(nearest_to("lo"));
    cr_expect_null(nearest_to(""));
}

Test(nearest, the_first_of_those_that_are_as_near) {
    struct nearest nearest = nearest_begin("lina");
    nearest_try(&nearest, "line", "line");
    nearest_try(&nearest, "linz", "linz");
    cr_expect_str_eq(nearest.name, "line");
}
