"""The one list of compiler flags for our own code.

Generated code and the distribution's headers come in as system headers
(-isystem or /usr/include), so these warnings do not touch them.
"""

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Wswitch-enum",
    "-Wvla",
    "-Werror",
]

_DEFINES = ["-D_GNU_SOURCE"]

C_COPTS = ["-std=c17"] + _WARNINGS + [
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
] + _DEFINES

CXX_COPTS = ["-std=c++17"] + _WARNINGS + _DEFINES

def copts_for(srcs):
    """The flags for a target with these sources: C's, or C++'s.

    Args:
      srcs: labels of the sources; those of one target are of one language.

    Returns:
      The list of flags.
    """
    c = [src for src in srcs if src.endswith(".c")]
    cxx = [src for src in srcs if src.endswith(".cc")]
    if c and cxx:
        fail("C and C++ need targets of their own: {} beside {}".format(c[0], cxx[0]))
    return CXX_COPTS if cxx else C_COPTS
