/* profilectl: the command-line tool. All it does is in client/cli. */

#include "client/cli/command.h"

#include <locale.h>

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "");
    return cli_run(argc, argv);
}
