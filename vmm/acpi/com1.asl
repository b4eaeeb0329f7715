/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial port. */
#include "layout.h"

DefinitionBlock ("", "SSDT", 2, "VDPA", "VDPACOM1", 1)
{
	Device (\_SB.COM1)
	{
		Name (_HID, EisaId ("PNP0501"))
		Name (_UID, 0)
		Name (_CRS, ResourceTemplate ()
		{
			IO (Decode16, LAYOUT_PORT_COM1, LAYOUT_PORT_COM1, 1, 8)
			Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive)
			{
				LAYOUT_IRQ_COM1
			}
		})
	}
}
