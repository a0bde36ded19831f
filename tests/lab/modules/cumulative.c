// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch as Red Hat ships them: each replaces every older one. It is built several times, and shows which one it is. */
#define SHOWN "patched: " KBUILD_MODNAME
#define REPLACES true
#include "cmdline.h"

static int __init lab_init(void)
{
	return klp_enable_patch(&lab_patch);
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
