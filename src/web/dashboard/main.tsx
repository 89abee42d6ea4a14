import { createRoot } from 'react-dom/client'
import { Dashboard } from './dashboard.tsx'
import { Fleet } from './fleet.ts'

const fleet = new Fleet()
fleet.start()

const root = document.getElementById('root')
if (root) createRoot(root).render(<Dashboard fleet={fleet} />)
