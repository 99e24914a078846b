/* Runs a fuzz target over given files instead of invented inputs, so that a corpus is a test like
 * any other and a crash can be replayed without libFuzzer. Each input lies in an allocation of
 * exactly its size: under the address sanitizer, a read of one byte too many is found. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The fuzz target. libFuzzer reserves results other than 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A target may define it, to be called once before the first input. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argument_count, char ***arguments);

/* No input may be larger: it belongs into the repository. */
enum { INPUT_SIZE_MAX = 16 << 20 };

/* Reads the whole file. The caller frees the result; NULL, with a word on why, when it cannot be
 * read or is too large. */
static uint8_t *file_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return NULL;
    }
    uint8_t *data = malloc(INPUT_SIZE_MAX);
    if (data == NULL) {
        abort();
    }
    *size = fread(data, 1, INPUT_SIZE_MAX, file);
    bool whole = fgetc(file) == EOF && !ferror(file);
    (void)fclose(file); /* It was only read. */
    if (!whole) {
        fprintf(stderr, "%s: unreadable, or larger than %d bytes\n", path, INPUT_SIZE_MAX);
        free(data);
        return NULL;
    }
    /* An allocation of nothing is not portable: the empty input keeps one byte. */
    uint8_t *exact = realloc(data, *size > 0 ? *size : 1);
    if (exact == NULL) {
        abort();
    }
    return exact;
}

int main(int argc, char **argv) {
    if (LLVMFuzzerInitialize != NULL) {
        LLVMFuzzerInitialize(&argc, &argv);
    }

    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    int unreadable = 0;
    for (int i = 1; i < argc; i++) {
        /* Told before the call: when the target crashes, the last line names the input. */
        printf("%s\n", argv[i]);
        fflush(stdout);
        size_t size = 0;
        uint8_t *data = file_read(argv[i], &size);
        if (data == NULL) {
            unreadable++;
            continue;
        }
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    printf("%d inputs, %d of them unreadable\n", argc - 1, unreadable);
    return unreadable == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
