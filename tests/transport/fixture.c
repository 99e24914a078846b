/* Sets up and tears down. Only a crash in a teardown fails a run of Criterion: hence abort(). */

#include "tests/transport/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <transport_test_descriptor_set.h>

#include "tests/transport/fake_rpc.h"

#if defined(__SANITIZE_ADDRESS__)
int __lsan_do_recoverable_leak_check(void);
#endif

struct fixture fixture;

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "fixture: %s\n", what);
        abort();
    }
}

struct transport_options fixture_options(const char *const *addresses, size_t count) {
    return (struct transport_options){
        .addresses = addresses,
        .address_count = count,
        .services = &fake_service,
        .service_count = 1,
        .host = fake_rpc_host(),
        .descriptor_set = transport_test_descriptor_set,
        .descriptor_set_size = transport_test_descriptor_set_size,
        .thread_count = 1,
    };
}

void fixture_setup(void) {
    strcpy(fixture.folder, "/tmp/transport_test.XXXXXX");
    must(mkdtemp(fixture.folder) != NULL, "no folder");
    snprintf(fixture.socket_path, sizeof fixture.socket_path, "%s/socket", fixture.folder);
    char unix_address[128];
    snprintf(unix_address, sizeof unix_address, "unix:%s", fixture.socket_path);
    const char *const addresses[] = {"127.0.0.1:0", unix_address};
    const struct transport_options options = fixture_options(addresses, 2);
    const char *failed = NULL;
    must(status_is_ok(transport_open(&options, &fixture.transport, &failed)), "no server");
    grpc_init();
    snprintf(fixture.target, sizeof fixture.target, "127.0.0.1:%u",
             transport_port(fixture.transport, 0));
    fixture.channel = client_channel(fixture.target);
}

void fixture_teardown(void) {
    grpc_channel_destroy(fixture.channel);
    transport_close(fixture.transport);
    fake_rpc_join();
    grpc_shutdown_blocking();
    unlink(fixture.socket_path);
    must(rmdir(fixture.folder) == 0, "the folder is not empty");
    must(fake_rpc_calls() == 0, "calls are left");
    must(fake_rpc_streams() == 0, "streams are left");
#if defined(__SANITIZE_ADDRESS__)
    must(__lsan_do_recoverable_leak_check() == 0, "memory is left");
#endif
}

bool fixture_echo(const char *text, struct client_status *status) {
    const struct client_options options = {.path = ECHO_PATH};
    struct bytes response;
    client_unary(fixture.channel, &options, client_text(text), &response, status);
    return client_is_text(response, text);
}
