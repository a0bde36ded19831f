// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch as it should be: taken at once, in force within a second or two, and it leaves every other patch alone. */
#define SHOWN "patched: instant"
#define REPLACES false
#include "cmdline.h"

static int __init lab_init(void)
{
	return klp_enable_patch(&lab_patch);
}

/* Only a module with an exit can be removed; the kernel lets that happen after the patch was disabled. */
static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
