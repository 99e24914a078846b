/* `segment create`, `show` and `list` of one that does not get ready by itself, and the filter of
 * `segment preview`. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "profiled/v1/segment_service.pb-c.h"

TestSuite(segment_commands, .init = ran_isolate);

static char texts[][8] = {"uses-pz", "pz"};

/* One that is active, and waits for one that is not. */
static void serve(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__ListSegmentSizesResponse sizes =
        PROFILED__V1__LIST_SEGMENT_SIZES_RESPONSE__INIT;
    static Profiled__V1__ListSegmentMembersResponse members =
        PROFILED__V1__LIST_SEGMENT_MEMBERS_RESPONSE__INIT;
    static Profiled__V1__GetSegmentResponse one = PROFILED__V1__GET_SEGMENT_RESPONSE__INIT;
    static Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    (void)data;
    segment.name = texts[0];
    segment.state = PROFILED__V1__SEGMENT_STATE__SEGMENT_STATE_ACTIVE;
    segment.progress_percent = 100;
    segment.waits_for = texts[1];
    one.segment = &segment;
    answer->last = true;
    answer->response = strstr(request->path, "Sizes") != NULL     ? &sizes.base
                       : strstr(request->path, "Members") != NULL ? &members.base
                                                                  : &one.base;
}

Test(segment_commands, who_would_wait_for_ever_is_told_for_what) {
    struct ran ran = ran_line(serve, NULL, "segment|create|uses-pz|--filter|segments:pz|--wait");
    cr_expect_eq(ran.code, EXIT_LOCAL);
    expect_said(ran.out, "no: pz is not active");
    expect_said(ran.err, "it waits for pz, which is not active and was never filled");
    expect_said(ran.err, "profilectl segment update pz --state active\n");

    ran = ran_line(serve, NULL, "segment|create|uses-pz|--filter|segments:pz");
    cr_expect_eq(ran.code, EXIT_DONE, "it was made");
    expect_said(ran.err, "it waits for pz");

    ran = ran_line(serve, NULL, "segment|show|uses-pz");
    cr_expect_eq(ran.code, EXIT_DONE);
    expect_said(ran.out, "Ready       no: pz is not active\n");
}

/* What a line that can't be read says before it ends the process. */
static void refused(const char *line, char *text, size_t size) {
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    fflush(stderr);
    const pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        (void)ran_line(NULL, NULL, line);
        _exit(EXIT_DONE);
    }
    close(ends[1]);
    size_t used = 0;
    for (ssize_t got = 1; got > 0 && used<size - 1; used += got> 0 ? (size_t)got : 0) {
        got = read(ends[0], text + used, size - 1 - used);
    }
    text[used] = '\0';
    close(ends[0]);
    waitpid(child, NULL, 0);
}

Test(segment_commands, a_filter_without_its_option_is_told_the_option) {
    char text[RAN_TEXT_SIZE];

    refused("segment|preview|name:sara", text, sizeof text);
    expect_said(text, "there is an argument too many: a filter stands behind --filter\n");

    refused("segment|overlap|a|b|c|d|e|f|g|h|i", text, sizeof text);
    expect_said(text, "there is an argument too many\n");
}
