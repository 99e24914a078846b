/* What sessions take for granted of the contract. */

#include <criterion/criterion.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"

/* A method is called by its name alone. */
Test(session, no_two_services_have_a_method_of_one_name) {
    const ProtobufCServiceDescriptor *const services[] = {
        &profiled__v1__profile_service__descriptor,     &profiled__v1__identity_service__descriptor,
        &profiled__v1__interaction_service__descriptor, &profiled__v1__schema_service__descriptor,
        &profiled__v1__transfer_service__descriptor,    &grpc__health__v1__health__descriptor,
    };
    const size_t count = sizeof services / sizeof services[0];
    for (size_t i = 0; i < count; i++) {
        for (unsigned k = 0; k < services[i]->n_methods; k++) {
            const char *name = services[i]->methods[k].name;
            size_t found = 0;
            for (size_t other = 0; other < count; other++) {
                found +=
                    protobuf_c_service_descriptor_get_method_by_name(services[other], name) == NULL
                        ? 0
                        : 1;
            }
            cr_expect_eq(found, 1, "%s is of %zu services", name, found);
        }
    }
}
