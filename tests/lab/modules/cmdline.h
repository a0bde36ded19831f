/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What most patches here do: they replace the kernel's function behind /proc/cmdline, so that reading that file shows in one line which
 * patch is in force. Nobody sleeps in that function, so the patch transition ends as soon as every task was looked at.
 *
 * A source says what /proc/cmdline shall show, and whether the patch replaces all older ones:
 *
 *	#define SHOWN "patched: instant"
 *	#define REPLACES false
 *	#include "cmdline.h"
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static int lab_cmdline_proc_show(struct seq_file *file, void *ignored)
{
	seq_puts(file, SHOWN "\n");
	return 0;
}

static struct klp_func lab_functions[] = {
	{ .old_name = "cmdline_proc_show", .new_func = lab_cmdline_proc_show },
	{ }
};

static struct klp_object lab_objects[] = {
	{ .funcs = lab_functions },	/* without a name: the kernel itself */
	{ }
};

static struct klp_patch lab_patch = {
	.mod = THIS_MODULE,
	.objs = lab_objects,
	.replace = REPLACES,
};

MODULE_DESCRIPTION("lab: shows itself in /proc/cmdline");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
