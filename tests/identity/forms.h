#pragma once
/* Canonical forms in one line each, for tests. What they return lives until the next call. */

#include <criterion/criterion.h>
#include <stddef.h>

#include "server/base/arena.h"
#include "server/identity/canonical.h"

enum { FORMS_ARENA_MAX = 1 << 20 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A value and its canonical form; NULL where it is refused. */
struct form_case {
    const char *value;
    const char *canonical;
};

/* Memory of the current call. */
static inline struct arena *forms_arena(void) {
    static struct arena arena;
    if (arena.budget == 0) {
        arena_init(&arena, FORMS_ARENA_MAX);
    }
    arena_free(&arena);
    return &arena;
}

static inline const struct identity_type *forms_type(const char *name) {
    const struct identity_type *type = identity_type_builtin(name);
    cr_assert_not_null(type, "no type %s", name);
    return type;
}

/* The canonical form; NULL when the value is refused, which must be said in the right way. */
static inline const char *forms_canonical(const char *type, const char *value, const char *region) {
    const char *canonical = NULL;
    const struct status status =
        identity_canonicalise(forms_type(type), value, region, forms_arena(), &canonical);
    if (status_is_ok(status)) {
        cr_assert_not_null(canonical);
        return canonical;
    }
    cr_assert_null(canonical, "a refused value left a form");
    cr_assert_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_assert_eq(status.reason, REASON_FIELD_INVALID);
    cr_assert_neq(*status.text, '\0');
    return NULL;
}

/* Why the value is refused; "" when it is not. */
static inline const char *forms_fault(const char *type, const char *value, const char *region) {
    const char *canonical = NULL;
    return identity_canonicalise(forms_type(type), value, region, forms_arena(), &canonical).text;
}

/* One case: the form is right, and its own form. */
static inline void forms_expect(const char *type, const char *region, struct form_case test) {
    const char *canonical = forms_canonical(type, test.value, region);
    if (test.canonical == NULL) {
        cr_expect_null(canonical, "%s: '%s' was taken", type, test.value);
        return;
    }
    cr_assert_not_null(canonical, "%s: '%s' was refused: %s", type, test.value,
                       forms_fault(type, test.value, region));
    cr_expect_str_eq(canonical, test.canonical, "%s: '%s' became '%s'", type, test.value,
                     canonical);
    canonical = forms_canonical(type, test.canonical, region);
    cr_assert_not_null(canonical, "%s: the form '%s' was refused", type, test.canonical);
    cr_expect_str_eq(canonical, test.canonical, "%s: the form '%s' is not its own", type,
                     test.canonical);
}

static inline void forms_expect_all(const char *type, const char *region,
                                    const struct form_case *tests, size_t count) {
    for (size_t i = 0; i < count; i++) {
        forms_expect(type, region, tests[i]);
    }
}

/* For .fini: gives the memory back, so that a leak test sees only leaks. */
static inline void forms_free(void) { (void)forms_arena(); }
