/* google.rpc.Status and what is in it. */

#include <stdio.h>

#include <criterion/criterion.h>

#include "server/rpc/rpc.h"
#include "tests/rpc/answer.h"

enum { DETAILS_SIZE_MAX = 5000 }; /* In base64, with all other trailers, under 8 KiB. */

static struct arena arena;
static struct rpc_context ctx;
static struct answer answer;

static void init(void) {
    arena_init(&arena, 1 << 20);
    ctx.arena = &arena;
}

static void fini(void) { arena_free(&arena); }

TestSuite(details, .init = init, .fini = fini);

Test(details, plain_status_has_its_reason_only) {
    const struct status status =
        status_of(STATUS_NOT_FOUND, REASON_WORKSPACE_NOT_FOUND, "there is no such workspace");

    answer_read(status, rpc_status_details(status, NULL, &arena), &answer);

    cr_expect_str_eq(answer.reason, "WORKSPACE_NOT_FOUND");
    cr_expect_eq(answer.metadata_count, 0);
    cr_expect_eq(answer.violation_count, 0);
    cr_expect_eq(answer.retry_ms, 0);
}

Test(details, metadata_is_told) {
    const struct status status =
        status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_CONFLICT, "another one has it");
    rpc_error_metadata(&ctx, "owner_id", "0190b8a2-0000-7000-8000-00000000000a");
    rpc_error_metadata(&ctx, "rule", "7");

    answer_read(status, rpc_status_details(status, &ctx, &arena), &answer);

    cr_expect_eq(answer.metadata_count, 2);
    cr_expect_str_eq(answer_metadata(&answer, "owner_id"), "0190b8a2-0000-7000-8000-00000000000a");
    cr_expect_str_eq(answer_metadata(&answer, "rule"), "7");
}

Test(details, all_of_a_hundred_short_violations_are_told) {
    for (int i = 0; i < RPC_VIOLATIONS_MAX; i++) {
        rpc_violation(&ctx, "is required", "ids[%d]", i);
    }
    const struct status status = rpc_violations_status(&ctx);

    answer_read(status, rpc_status_details(status, &ctx, &arena), &answer);

    cr_expect_eq(answer.violation_count, RPC_VIOLATIONS_MAX);
    cr_expect_str_eq(answer.violations[99].field, "ids[99]");
}

Test(details, what_is_over_the_count_is_counted) {
    for (int i = 0; i < 250; i++) {
        rpc_violation(&ctx, "is required", "ids[%d]", i);
    }
    const struct status status = rpc_violations_status(&ctx);

    answer_read(status, rpc_status_details(status, &ctx, &arena), &answer);

    cr_expect_eq(answer.violation_count, RPC_VIOLATIONS_MAX + 1);
    cr_expect_str_eq(answer.violations[100].field, "");
    cr_expect_str_eq(answer.violations[100].description, "150 more fields are not valid");
}

Test(details, long_violations_still_fit_a_trailer) {
    for (int i = 0; i < 200; i++) {
        rpc_violation(&ctx, "is a value that nothing in the contract of this service lets through",
                      "records[%d].identities[19].attributes.sub_dialect.observe_time", i);
    }
    const struct status status = rpc_violations_status(&ctx);

    const struct bytes details = rpc_status_details(status, &ctx, &arena);

    answer_read(status, details, &answer);
    cr_expect_lt(details.size, DETAILS_SIZE_MAX);
    cr_expect_gt(answer.violation_count, 20);
    char rest[64];
    snprintf(rest, sizeof rest, "%zu more fields are not valid", 200 - answer.violation_count + 1);
    cr_expect_str_eq(answer.violations[answer.violation_count - 1].description, rest);
}

Test(details, long_path_is_cut_between_letters) {
    static const char letters[] =
        "ننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننننن";
    rpc_violation(&ctx, "is unknown", "attributes.x%s", letters);
    rpc_violation(&ctx, "is unknown", "attributes.%s", letters);

    for (size_t i = 0; i < 2; i++) {
        const size_t size = strlen(ctx.violations[i].field);
        cr_expect_geq(size, 126 - 1);
        cr_expect_leq(size, 127);
        cr_expect_eq(((unsigned char)ctx.violations[i].field[size - 1] & 0xc0), 0x80);
        cr_expect_eq((unsigned char)ctx.violations[i].field[size - 2], 0xd9);
    }
}
