// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel module like any other, and no live patch. */
#include <linux/kernel.h>
#include <linux/module.h>

static int __init lab_init(void)
{
	return 0;
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("lab: no live patch");
MODULE_LICENSE("GPL");
