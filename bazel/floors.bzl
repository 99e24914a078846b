"""Who may use which folder of server/: every floor stands on lower ones only.

A floor's BUILD file opens with

    load("//bazel:floors.bzl", "above")

    package(default_visibility = above("store"))
"""

# From the ground up. Folders of one row do not see each other.
_FLOORS = [
    ["base"],
    ["vault"],
    ["engine"],
    ["store"],
    ["identity"],
    ["interaction"],
    ["segment"],
    ["rpc"],
    ["handlers", "transport"],
]

# server/main.c stands on all floors, and tests may look at any.
_ALWAYS = [
    "//server:__pkg__",
    "//tests:__subpackages__",
]

def above(floor):
    """The visibility of a floor: the floors above it, main and the tests.

    Args:
      floor: a folder of server/, such as "store".

    Returns:
      A list of package specifications, for `visibility`.
    """
    row = [i for i, names in enumerate(_FLOORS) if floor in names]
    if not row:
        fail("no floor is called " + floor)
    return _ALWAYS + [
        "//server/{}:__subpackages__".format(name)
        for names in _FLOORS[row[0] + 1:]
        for name in names
    ]
